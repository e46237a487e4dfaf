import { useEffect, useState } from 'react';
import { DayInput } from '../../parts/day-input.js';
import { Field } from '../../parts/field.js';
import { setSearchParams, useSearchParams } from '../../router/search-params.js';
import { useSession } from '../../shell/session-context.js';
import { useWords } from '../../words/words-context.js';

const FILTERS = ['title', 'from', 'to', 'running', 'au', 'room'] as const;
/** While somebody types. */
const PAUSE_MS = 250;

/** What narrows the list of meetings; all of it stands in the address. */
export function FilterBar() {
  const { t } = useWords();
  const { user } = useSession();
  const params = useSearchParams();
  const any = FILTERS.some((name) => params.has(name));
  const room = params.get('room');
  return (
    <search className="filters" aria-label={t('filters.label')}>
      <Typed name="title" type="search" label={t('filters.title')} grow />
      <DayInput end="from" />
      <DayInput end="to" />
      <Field label={t('filters.state')}>
        <select
          className="select"
          value={params.get('running') ?? ''}
          onChange={({ target }) => setSearchParams({ running: target.value })}
        >
          <option value="">{t('filters.all')}</option>
          <option value="yes">{t('meeting.running')}</option>
          <option value="no">{t('meeting.ended')}</option>
        </select>
      </Field>
      {user.accessUrlId === null && <Typed name="au" type="number" label={t('filters.accessUrl')} />}
      {room !== null && (
        <p className="filter-room">
          {t('filters.room')} <code>{room}</code>
        </p>
      )}
      {any && (
        <button
          type="button"
          className="button button-quiet"
          onClick={() => setSearchParams(Object.fromEntries(FILTERS.map((name) => [name, null])))}
        >
          {t('filters.clear')}
        </button>
      )}
    </search>
  );
}

/** Goes to the address once the typing pauses, and follows the address where that changes otherwise. */
function Typed({ name, type, label, grow }: { name: string; type: 'search' | 'number'; label: string; grow?: boolean }) {
  const told = useSearchParams().get(name) ?? '';
  const [typed, setTyped] = useState(told);
  useEffect(() => setTyped(told), [told]);
  useEffect(() => {
    if (typed === told) return undefined;
    const timer = setTimeout(() => setSearchParams({ [name]: typed }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, told, name]);
  return (
    <Field label={label} grow={grow === true}>
      <input
        className={type === 'number' ? 'input input-short' : 'input'}
        type={type}
        {...(type === 'number' ? { min: 1, inputMode: 'numeric' } : { maxLength: 255 })}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
    </Field>
  );
}
