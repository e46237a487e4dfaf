import type { ReactNode } from 'react';
import { Help } from './help.js';
import { type Order, SortHead, type Sorting } from './sort-head.js';

export interface Column<Row, Key extends string = string> {
  readonly key: Key;
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  /** Set to the right, in figures of one width. */
  readonly numeric?: boolean;
  /** On one line, such as a time. */
  readonly whole?: boolean;
  /** The order at the first click; without it the column does not sort. */
  readonly sort?: Order;
  /** How the number is counted. */
  readonly help?: string;
  /** Names the row: its cell is a head of the row, and of its card on a phone. */
  readonly names?: boolean;
}

interface DataTableProps<Row, Key extends string> {
  /** What the table is of; heard, not seen. */
  readonly caption: string;
  readonly columns: readonly Column<Row, Key>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly sorting?: Sorting<Key>;
  readonly onSort?: (sorting: Sorting<Key>) => void;
}

/** A table of at most some hundred rows, a list of cards on a phone. The rows come sorted: it tells only what is wanted. */
export function DataTable<Row, Key extends string>({ caption, columns, rows, keyOf, sorting, onSort }: DataTableProps<Row, Key>) {
  return (
    <div className="table-frame table-frame-cards">
      <table className="table table-cards">
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ key, label, numeric, sort, help }) =>
              sort !== undefined && sorting !== undefined && onSort !== undefined ? (
                <SortHead
                  key={key}
                  by={key}
                  label={label}
                  sorting={sorting}
                  first={sort}
                  onSort={onSort}
                  numeric={numeric ?? false}
                >
                  {help !== undefined && <Help about={label}>{help}</Help>}
                </SortHead>
              ) : (
                <th key={key} scope="col" className={numeric === true ? 'numeric' : undefined}>
                  <span className="head">
                    {label}
                    {help !== undefined && <Help about={label}>{help}</Help>}
                  </span>
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ key, label, cell, numeric, whole, names }) =>
                names === true ? (
                  <th key={key} scope="row" className="row-name">
                    {cell(row)}
                  </th>
                ) : (
                  <td
                    key={key}
                    data-label={label}
                    className={numeric === true ? 'numeric' : whole === true ? 'whole' : undefined}
                  >
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
