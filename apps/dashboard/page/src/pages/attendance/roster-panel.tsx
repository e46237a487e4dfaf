import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiFailure } from '../../api/api-client.js';
import { putRoster, removeRoster, rosterQuery } from '../../api/attendance-api.js';
import { Field } from '../../parts/field.js';
import { Section } from '../../parts/section.js';
import { Loaded, useFailureText } from '../../parts/states.js';
import { rightsOf, useSession } from '../../shell/session-context.js';
import { useWords } from '../../words/words-context.js';
import { rosterFaultText } from './roster-fault.js';

interface RosterPanelProps {
  readonly accessUrlId: number;
  readonly remoteId: string;
}

/** Who is expected in a room (docs/dashboard.md, "Rosters"). */
export function RosterPanel({ accessUrlId, remoteId }: RosterPanelProps) {
  const { t } = useWords();
  const { admin } = rightsOf(useSession());
  const query = useQuery(rosterQuery(accessUrlId, remoteId));
  return (
    <Section title={t('roster.title')}>
      <Loaded query={query} lines={1}>
        {(roster) => (
          <>
            <p className="quiet">{roster === null ? t('roster.none') : t('roster.count', { count: roster.people.length })}</p>
            {admin && <RosterForm accessUrlId={accessUrlId} remoteId={remoteId} exists={roster !== null} />}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function RosterForm({ accessUrlId, remoteId, exists }: RosterPanelProps & { readonly exists: boolean }) {
  const { t } = useWords();
  const textOf = useFailureText();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [said, say] = useState('');
  const [sure, setSure] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: ['attendance'] });
  const put = useMutation({
    mutationFn: (csv: string) => putRoster(accessUrlId, remoteId, csv),
    onSuccess: async ({ people }) => {
      setText('');
      say(t('roster.saved', { count: people.length }));
      await again();
    },
  });
  const remove = useMutation({
    mutationFn: () => removeRoster(accessUrlId, remoteId),
    onSuccess: async () => {
      say(t('roster.removed'));
      await again();
    },
    onSettled: () => setSure(false),
  });
  /** What was said of what was done before is of no use any more. */
  const begin = () => {
    say('');
    put.reset();
    remove.reset();
  };
  const failed = put.error ?? remove.error;
  const save = (event: FormEvent) => {
    event.preventDefault();
    begin();
    setSure(false);
    // The lines that the answer names are those that are seen.
    const whole = withHead(text);
    setText(whole);
    put.mutate(whole);
  };
  return (
    <form className="roster" onSubmit={save}>
      <p className="quiet">{t('roster.help')}</p>
      <Field label={t('roster.file')}>
        <input
          type="file"
          accept=".csv,text/csv,text/plain"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) void file.arrayBuffer().then((bytes) => setText(textOfFile(bytes)));
          }}
        />
      </Field>
      <Field label={t('roster.text')}>
        <textarea
          className="input roster-text"
          rows={5}
          value={text}
          placeholder="user_id,name"
          onChange={({ target }) => setText(target.value)}
        />
      </Field>
      {failed !== null && (
        <p className="note note-error" role="alert">
          {(failed instanceof ApiFailure && rosterFaultText(failed.told, t)) || textOf(failed)}
        </p>
      )}
      <p role="status">{said}</p>
      <div className="roster-actions">
        <button type="submit" className="button button-primary" disabled={text.trim() === '' || put.isPending}>
          {t('roster.save')}
        </button>
        {exists && !sure && (
          <button
            type="button"
            className="button"
            onClick={() => {
              begin();
              setSure(true);
            }}
          >
            {t('roster.remove')}
          </button>
        )}
      </div>
      {exists && sure && (
        <div className="roster-actions">
          <span>{t('roster.removeSure')}</span>
          <button
            type="button"
            className="button button-danger"
            disabled={remove.isPending}
            onClick={() => {
              begin();
              remove.mutate();
            }}
          >
            {t('roster.removeYes')}
          </button>
          <button type="button" className="button" onClick={() => setSure(false)}>
            {t('system.cancel')}
          </button>
        </div>
      )}
    </form>
  );
}

/** A line a person, without a head, is a table of ids and names. */
function withHead(text: string): string {
  const [first = ''] = text.trimStart().split(/\r?\n/, 1);
  const isHead = /(^|[,;\t])\s*"?(user_?id|external_?user_?id|id)"?\s*($|[,;\t])/i.test(first);
  const separator = [';', '\t'].find((one) => first.includes(one)) ?? ',';
  return isHead ? text : `user_id${separator}name\n${text}`;
}

/** Spreadsheets save a CSV as UTF-8 or, in western Europe, as windows-1252: in that, accents are hardly ever UTF-8. */
function textOfFile(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new TextDecoder('windows-1252').decode(bytes);
    throw error;
  }
}
