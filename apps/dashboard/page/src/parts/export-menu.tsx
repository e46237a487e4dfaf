import { useState } from 'react';
import type { ExportQuery } from '../../../src/schemas/exports.js';
import type { PlainWord } from '../words/catalogue.js';
import { useWords } from '../words/words-context.js';
import { Field } from './field.js';
import { Icon } from './icon.js';
import { Menu } from './menu.js';

type Rows = NonNullable<ExportQuery['rows']>;
type Separator = NonNullable<ExportQuery['separator']>;

const ROWS: readonly (readonly [Rows, PlainWord])[] = [
  ['participant', 'export.rowsParticipant'],
  ['session', 'export.rowsSession'],
];
const SEPARATORS: readonly (readonly [Separator, PlainWord])[] = [
  ['comma', 'export.comma'],
  ['semicolon', 'export.semicolon'],
  ['tab', 'export.tab'],
];
const KEPT = 'bbb-activity.separator';

/** Files to take away. What separates columns is kept: it belongs to the reader's spreadsheet. */
export function ExportMenu({ addressOf }: { addressOf: (query: ExportQuery) => string }) {
  const { t, language } = useWords();
  const [rows, setRows] = useState<Rows>('participant');
  const [separator, setSeparator] = useState<Separator>(() => keptSeparator() ?? usualSeparator(language));
  return (
    <Menu label={t('export.title')} icon="download">
      <Field label={t('export.rows')}>
        <select className="select" value={rows} onChange={({ target }) => setRows(chosen(ROWS, target.value))}>
          {ROWS.map(([value, word]) => (
            <option key={value} value={value}>
              {t(word)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('export.separator')}>
        <select
          className="select"
          value={separator}
          onChange={({ target }) => {
            const next = chosen(SEPARATORS, target.value);
            localStorage.setItem(KEPT, next);
            setSeparator(next);
          }}
        >
          {SEPARATORS.map(([value, word]) => (
            <option key={value} value={value}>
              {t(word)}
            </option>
          ))}
        </select>
      </Field>
      <a className="button button-primary" href={addressOf({ format: 'csv', rows, separator })} download>
        <Icon name="download" />
        {t('export.csv')}
      </a>
      <a className="button" href={addressOf({ format: 'json' })} download>
        {t('export.json')}
      </a>
    </Menu>
  );
}

function chosen<Value extends string>(choices: readonly (readonly [Value, PlainWord])[], value: string): Value {
  const found = choices.find(([one]) => one === value) ?? choices[0];
  if (found === undefined) throw new Error(`there is no choice ${value}`);
  return found[0];
}

function keptSeparator(): Separator | undefined {
  const kept = localStorage.getItem(KEPT);
  return SEPARATORS.find(([value]) => value === kept)?.[0];
}

/** Spreadsheets of a language whose decimals have a comma expect a semicolon. */
function usualSeparator(language: string): Separator {
  return new Intl.NumberFormat(language).format(1.5).includes(',') ? 'semicolon' : 'comma';
}
