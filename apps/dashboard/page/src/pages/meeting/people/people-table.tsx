import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef } from 'react';
import { Help } from '../../../parts/help.js';
import { SortHead, type Sorting } from '../../../parts/sort-head.js';
import { useWords } from '../../../words/words-context.js';
import type { CellPlace, PersonColumn } from './people-columns.js';
import { PERSON_SORTS, type PersonRow, type PersonSort } from './person-rows.js';

const ROW_PX = 44;
/** Beyond those that are seen, so that there is something while the next ones are drawn. */
const MORE_ROWS = 6;

export interface PeopleProps {
  readonly rows: readonly PersonRow[];
  readonly columns: readonly PersonColumn[];
  readonly place: CellPlace;
  readonly sorting: Sorting<PersonSort>;
  readonly onSort: (sorting: Sorting<PersonSort>) => void;
  /** Opens all about a person. */
  readonly onOpen: (externalUserId: string) => void;
}

/** The people of a meeting; of many only those are in the document that are seen. */
export function PeopleTable({ rows, columns, place, sorting, onSort, onOpen }: PeopleProps) {
  const { t } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: MORE_ROWS,
    getItemKey: (index) => rows[index]?.externalUserId ?? index,
  });
  const shown = virtual.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keys
    <section className="table-frame people-frame" ref={frame} tabIndex={0} aria-label={t('people.title')}>
      <table
        className={columns.some(({ key }) => key === 'score') ? 'table people people-scored' : 'table people'}
        aria-rowcount={rows.length + 1}
      >
        <caption className="hidden">{t('people.title')}</caption>
        <colgroup>
          <col className="col-name" />
          {columns.map(({ key }) => (
            <col key={key} className={`col-${key}`} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <SortHead by="name" label={t('person.name')} sorting={sorting} first="asc" onSort={onSort} />
            {columns.map(({ key, label, help, numeric }) => (
              <SortHead
                key={key}
                by={key}
                label={t(label)}
                sorting={sorting}
                first={PERSON_SORTS[key]}
                onSort={onSort}
                numeric={numeric}
              >
                <Help about={t(label)}>{t(help)}</Help>
              </SortHead>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} />}
          {shown.map(({ index, key }) => {
            const row = rows[index];
            return row && <PersonLine key={key} row={row} index={index} columns={columns} place={place} onOpen={onOpen} />;
          })}
          {after > 0 && <Gap height={after} />}
        </tbody>
      </table>
    </section>
  );
}

function Gap({ height }: { height: number }) {
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row is nothing that has the focus
  return <tr aria-hidden="true" className="gap" style={{ height }} />;
}

interface LineProps extends Pick<PeopleProps, 'columns' | 'place' | 'onOpen'> {
  readonly row: PersonRow;
  readonly index: number;
}

const PersonLine = memo(function PersonLine({ row, index, columns, place, onOpen }: LineProps) {
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row" className="row-name">
        <PersonName row={row} place={place} onOpen={onOpen} />
      </th>
      {columns.map(({ key, numeric, cell }) => (
        <td key={key} className={numeric ? 'numeric' : undefined}>
          {cell(row, place)}
        </td>
      ))}
    </tr>
  );
});

export function PersonName({ row, place, onOpen }: Pick<LineProps, 'row' | 'place' | 'onOpen'>) {
  return (
    <button type="button" className="person" onClick={() => onOpen(row.externalUserId)}>
      {place.time.running && (
        <span
          className={row.online ? 'dot dot-on' : 'dot'}
          role="img"
          aria-label={place.t(row.online ? 'person.isIn' : 'person.isOut')}
        />
      )}
      <span className="person-name">{row.shown}</span>
    </button>
  );
}
