import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Participant } from '../../../../../src/schemas/participants.js';
import type { Timeline, TimelineRow } from '../../../../../src/schemas/timeline.js';
import { timelineQuery } from '../../../api/meetings-api.js';
import type { Sorting } from '../../../parts/sort-head.js';
import { EmptyState, Loaded } from '../../../parts/states.js';
import { PHONE, useMedia } from '../../../parts/use-media.js';
import { useSearchParams } from '../../../router/search-params.js';
import { useWords } from '../../../words/words-context.js';
import { PERSON_COLUMNS } from '../people/people-columns.js';
import { PersonSearch, PersonSortChoice, personSortingOf } from '../people/person-choice.js';
import { foundPeople, type PersonSort, personRows, sortedPeople } from '../people/person-rows.js';
import { TimelineAxis } from './timeline-axis.js';
import { TimelineLegend } from './timeline-legend.js';
import { ROW_PX, TimelineChart } from './timeline-row.js';
import type { Scale } from './timeline-shapes.js';

const NAME_PX = 184;
const NARROWEST_CHART_PX = 320;
/** Of a phone, where the name stands above its row. */
const NAME_LINE_PX = 24;

/** What each person did when, one below the other; searched and sorted as their table is. */
export function TimelineView({ id, people }: { id: string; people: readonly Participant[] }) {
  const { t } = useWords();
  const params = useSearchParams();
  const sorting = personSortingOf(params, false);
  const timeline = useQuery(timelineQuery(id));
  return (
    <Loaded query={timeline} lines={8}>
      {(told) =>
        told.items.length === 0 ? (
          <EmptyState title={t('people.none')} />
        ) : (
          <>
            {!told.journal && <p className="note">{t('timeline.emptied')}</p>}
            <div className="filters">
              <PersonSearch />
              <PersonSortChoice choices={PERSON_COLUMNS} sorting={sorting} />
            </div>
            <TimelineLegend />
            <Found timeline={told} people={people} sought={params.get('q') ?? ''} sorting={sorting} />
          </>
        )
      }
    </Loaded>
  );
}

interface FoundProps {
  readonly timeline: Timeline;
  readonly people: readonly Participant[];
  readonly sought: string;
  readonly sorting: Sorting<PersonSort>;
}

/** Those who are sought, in the order of the people's table. */
function Found({ timeline, people, sought, sorting: { by, order } }: FoundProps) {
  const { t } = useWords();
  const items = useMemo(() => {
    const rowOf = new Map(timeline.items.map((row) => [row.externalUserId, row]));
    const shown = sortedPeople(foundPeople(personRows(people), sought), { by, order });
    return shown.flatMap(({ externalUserId }) => rowOf.get(externalUserId) ?? []);
  }, [timeline.items, people, sought, by, order]);
  return items.length === 0 ? <EmptyState title={t('people.noneFound')} /> : <Rows timeline={timeline} items={items} />;
}

function Rows({ timeline, items }: { timeline: Timeline; items: readonly TimelineRow[] }) {
  const { t } = useWords();
  const { start, end, at } = timeline;
  const phone = useMedia(PHONE);
  const frame = useRef<HTMLDivElement>(null);
  const [frameWidth, setFrameWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = frame;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setFrameWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  const width = Math.max(NARROWEST_CHART_PX, frameWidth - (phone ? 24 : NAME_PX + 16));
  // Of a meeting whose times are odd all is seen still.
  const to = Math.max(end ?? at, start + 1_000);
  const scale = useMemo((): Scale => ({ from: start, to, width }), [start, to, width]);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX + (phone ? NAME_LINE_PX : 0),
    overscan: 4,
    scrollPaddingStart: 28,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keys
    <section className="timeline" ref={frame} tabIndex={0} aria-label={t('timeline.title')}>
      <div className="timeline-head">
        <TimelineAxis scale={scale} />
      </div>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start: top }) => {
          const row = items[index];
          if (row === undefined) return null;
          return (
            <li
              key={row.externalUserId}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${top}px)` }}
            >
              <span className="timeline-name">{row.name ?? row.externalUserId}</span>
              {frameWidth > 0 && <TimelineChart row={row} scale={scale} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
