import { Field } from '../../../parts/field.js';
import type { Sorting } from '../../../parts/sort-head.js';
import { setSearchParams, useSearchParams } from '../../../router/search-params.js';
import type { PlainWord } from '../../../words/catalogue.js';
import { useWords } from '../../../words/words-context.js';
import { PERSON_SORTS, type PersonSort } from './person-rows.js';

/** Finds people by name or id; what is sought stands in the address, for all views of the meeting. */
export function PersonSearch() {
  const { t } = useWords();
  const params = useSearchParams();
  return (
    <Field label={t('people.search')} grow>
      <input
        className="input"
        type="search"
        value={params.get('q') ?? ''}
        onChange={({ target }) => setSearchParams({ q: target.value })}
      />
    </Field>
  );
}

interface SortChoiceProps {
  /** Beside the name. */
  readonly choices: readonly { readonly key: PersonSort; readonly label: PlainWord }[];
  readonly sorting: Sorting<PersonSort>;
}

/** By what people are sorted, where there are no heads of columns to click. */
export function PersonSortChoice({ choices, sorting }: SortChoiceProps) {
  const { t } = useWords();
  return (
    <Field label={t('people.sortedBy')}>
      <select
        className="select"
        value={sorting.by}
        onChange={({ target }) => {
          const by = (Object.keys(PERSON_SORTS) as PersonSort[]).find((sort) => sort === target.value) ?? 'name';
          setSearchParams({ sort: by, order: PERSON_SORTS[by] });
        }}
      >
        <option value="name">{t('person.name')}</option>
        {choices.map(({ key, label }) => (
          <option key={key} value={key}>
            {t(label)}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** What the address tells of the order of people. */
export function personSortingOf(params: URLSearchParams, scored: boolean): Sorting<PersonSort> {
  const wanted = (Object.keys(PERSON_SORTS) as PersonSort[]).find((sort) => sort === params.get('sort'));
  const by = wanted === undefined || (wanted === 'score' && !scored) ? 'name' : wanted;
  const order = params.get('order');
  return { by, order: order === 'asc' || order === 'desc' ? order : PERSON_SORTS[by] };
}
