import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { useWords } from '../../../words/words-context.js';
import { type PeopleProps, PersonName } from './people-table.js';
import { PersonSortChoice } from './person-choice.js';

/** About so high; each is measured once it is drawn. */
const CARD_PX = 236;
const GAP_PX = 12;

/** The people of a meeting on a phone: a card each, sorted by a choice; the page itself scrolls. */
export function PeopleCards({ rows, columns, place, sorting, onOpen }: PeopleProps) {
  const { t } = useWords();
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    setTop((list.current?.getBoundingClientRect().top ?? 0) + scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => CARD_PX,
    gap: GAP_PX,
    overscan: 3,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.externalUserId ?? index,
  });
  return (
    <>
      <PersonSortChoice choices={columns} sorting={sorting} />
      <ul className="cards" ref={list} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <li
              key={key}
              className="card"
              ref={virtual.measureElement}
              data-index={index}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start - top}px)` }}
            >
              <PersonName row={row} place={place} onOpen={onOpen} />
              <dl>
                {columns.map(({ key: column, label, cell }) => (
                  <div key={column}>
                    <dt>{t(label)}</dt>
                    <dd>{cell(row, place)}</dd>
                  </div>
                ))}
              </dl>
            </li>
          );
        })}
      </ul>
    </>
  );
}
