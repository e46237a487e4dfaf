import { FIRST_DAY, LAST_DAY } from '../router/day-params.js';
import { setSearchParams, useSearchParams } from '../router/search-params.js';
import type { PlainWord } from '../words/catalogue.js';
import { useWords } from '../words/words-context.js';
import { Field } from './field.js';

const WORDS: Readonly<Record<'from' | 'to', PlainWord>> = { from: 'filters.from', to: 'filters.to' };

/** The first or the last day of a period, which stands in the address. */
export function DayInput({ end }: { end: 'from' | 'to' }) {
  const { t } = useWords();
  const params = useSearchParams();
  return (
    <Field label={t(WORDS[end])}>
      <input
        className="input"
        type="date"
        min={FIRST_DAY}
        max={LAST_DAY}
        value={params.get(end) ?? ''}
        onChange={({ target }) => setSearchParams({ [end]: target.value })}
      />
    </Field>
  );
}
