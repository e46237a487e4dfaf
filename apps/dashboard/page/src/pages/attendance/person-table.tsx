import type { Attendance } from '../../../../src/schemas/attendance.js';
import { DataTable } from '../../parts/data-table.js';
import { Link } from '../../router/link.js';
import { clock } from '../../words/formats.js';
import { useWords } from '../../words/words-context.js';
import { sharesOf } from './attendance-shares.js';
import { ShareCell } from './share-cell.js';

/** A row a meeting of one person, the newest first. */
export function PersonTable({ of: { meetings, people }, threshold }: { of: Attendance; threshold: number }) {
  const { t, format } = useWords();
  const [person] = people;
  const shares = sharesOf(meetings, person?.cells ?? []);
  const rows = meetings
    .map((meeting, index) => ({
      ...meeting,
      cell: person?.cells[index] ?? null,
      share: shares[index] ?? null,
    }))
    .reverse();
  return (
    <DataTable
      caption={t('rooms.share')}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          key: 'title',
          label: t('meetings.title'),
          names: true,
          cell: ({ id, title }) => <Link to={`meetings/${id}`}>{title}</Link>,
        },
        { key: 'began', label: t('meetings.began'), whole: true, cell: ({ createdAt }) => format.dateTime(createdAt) },
        { key: 'duration', label: t('meetings.duration'), numeric: true, cell: ({ durationSeconds }) => clock(durationSeconds) },
        {
          key: 'online',
          label: t('rooms.online'),
          numeric: true,
          cell: ({ cell }) => (cell === null ? '–' : clock(cell.onlineSeconds)),
        },
        {
          key: 'share',
          label: t('rooms.share'),
          cell: ({ share }) => <ShareCell share={share} threshold={threshold} />,
        },
      ]}
    />
  );
}
