import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { Meeting, MeetingSort } from '../../../../src/schemas/meetings.js';
import { exportAddress, meetingsQuery } from '../../api/meetings-api.js';
import type { Column } from '../../parts/data-table.js';
import { DataTable } from '../../parts/data-table.js';
import { ExportMenu } from '../../parts/export-menu.js';
import { MeetingStatus } from '../../parts/meeting-status.js';
import { Section } from '../../parts/section.js';
import { EmptyState, Loaded } from '../../parts/states.js';
import { Ticking } from '../../parts/ticking.js';
import { Link } from '../../router/link.js';
import { setSearchParams, useSearchParams } from '../../router/search-params.js';
import { useWords } from '../../words/words-context.js';
import { FilterBar } from './filter-bar.js';
import { queryOfAddress, sortingOfAddress } from './meeting-filters.js';

const PAGE_SIZE = 50;

/** All meetings that the address's filters let through. */
export function MeetingList() {
  const { t, format } = useWords();
  const params = useSearchParams();
  const query = queryOfAddress(params);
  const sorting = sortingOfAddress(params);
  const list = useInfiniteQuery({ ...meetingsQuery({ ...query, limit: PAGE_SIZE }), placeholderData: keepPreviousData });
  const { sort: _sort, order: _order, ...filter } = query;
  const columns: readonly Column<Meeting, MeetingSort | 'state'>[] = [
    {
      key: 'title',
      label: t('meetings.title'),
      sort: 'asc',
      names: true,
      cell: (meeting) => (
        <>
          <Link to={`meetings/${meeting.id}`}>{meeting.title}</Link>
          {meeting.isBreakout && <span className="tag">{t('meeting.breakout')}</span>}
        </>
      ),
    },
    {
      key: 'started',
      label: t('meetings.began'),
      sort: 'desc',
      whole: true,
      cell: ({ createdAt }) => format.dateTime(createdAt),
    },
    {
      key: 'duration',
      label: t('meetings.duration'),
      sort: 'desc',
      numeric: true,
      help: t('meetings.durationHelp'),
      cell: ({ durationSeconds, running }) => <Ticking seconds={durationSeconds} readAt={list.dataUpdatedAt} running={running} />,
    },
    {
      key: 'participants',
      label: t('meetings.participants'),
      sort: 'desc',
      numeric: true,
      help: t('meetings.participantsHelp'),
      cell: ({ participants }) => format.number(participants),
    },
    { key: 'state', label: t('meetings.state'), cell: (meeting) => <MeetingStatus meeting={meeting} /> },
  ];
  return (
    <Section title={t('meetings.all')} actions={<ExportMenu addressOf={(wanted) => exportAddress({ ...filter, ...wanted })} />}>
      <FilterBar />
      <Loaded query={list} lines={8}>
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items);
          if (rows.length === 0) {
            return <EmptyState title={t(Object.keys(filter).length === 0 ? 'meetings.none' : 'meetings.noneFound')} />;
          }
          return (
            <div className={list.isPlaceholderData ? 'old' : undefined}>
              <DataTable
                caption={t('meetings.all')}
                columns={columns}
                rows={rows}
                keyOf={({ id }) => id}
                sorting={sorting}
                onSort={({ by, order }) => setSearchParams({ sort: by, order })}
              />
              {list.hasNextPage && (
                <div className="more">
                  <button
                    type="button"
                    className="button"
                    disabled={list.isFetchingNextPage}
                    onClick={() => void list.fetchNextPage()}
                  >
                    {list.isFetchingNextPage ? t('loading') : t('meetings.more')}
                  </button>
                </div>
              )}
            </div>
          );
        }}
      </Loaded>
    </Section>
  );
}
