import type { ReactNode } from 'react';
import { useWords } from '../words/words-context.js';
import { Icon } from './icon.js';

export type Order = 'asc' | 'desc';
export interface Sorting<Key extends string> {
  readonly by: Key;
  readonly order: Order;
}

interface SortHeadProps<Key extends string> {
  readonly by: Key;
  readonly label: string;
  readonly sorting: Sorting<Key>;
  /** The order at the first click. */
  readonly first: Order;
  readonly onSort: (sorting: Sorting<Key>) => void;
  readonly numeric?: boolean;
  /** Beside the button, such as a {@link Help}. */
  readonly children?: ReactNode;
}

/** A column's head that sorts by it: a button, so that keys do as well. */
export function SortHead<Key extends string>({ by, label, sorting, first, onSort, numeric, children }: SortHeadProps<Key>) {
  const { t } = useWords();
  const sorted = sorting.by === by ? sorting.order : null;
  const next: Order = sorted === null ? first : sorted === 'asc' ? 'desc' : 'asc';
  const aria = sorted === null ? 'none' : sorted === 'asc' ? 'ascending' : 'descending';
  return (
    <th scope="col" aria-sort={aria} className={numeric === true ? 'numeric' : undefined}>
      <span className="head">
        <button
          type="button"
          className="sort"
          title={t('table.sortBy', { column: label })}
          onClick={() => onSort({ by, order: next })}
        >
          {label}
          <Icon name={sorted === null ? 'sort' : sorted === 'asc' ? 'up' : 'down'} />
        </button>
        {children}
      </span>
    </th>
  );
}
