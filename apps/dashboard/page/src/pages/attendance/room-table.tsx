import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { Attendance } from '../../../../src/schemas/attendance.js';
import { Link } from '../../router/link.js';
import { clock } from '../../words/formats.js';
import { useWords } from '../../words/words-context.js';
import { reaches } from '../attendance-rule.js';
import { shareOfAll, sharesOf } from './attendance-shares.js';
import { ShareCell } from './share-cell.js';

/** In px: rows are of one height, so that the place of each is known. */
const ROW_HEIGHT = 52;
const OVERSCAN = 6;

interface RoomTableProps {
  readonly of: Attendance;
  readonly accessUrlId: number;
  /** Per cent. */
  readonly threshold: number;
}

/** A row a person, a column a meeting, the newest first. Of many rows those are in the document that are seen. */
export function RoomTable({ of: { meetings, people }, accessUrlId, threshold }: RoomTableProps) {
  const { t, format } = useWords();
  const frame = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: people.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
  });
  const shown = rows.getVirtualItems();
  const newestFirst = meetings.map((meeting, index) => ({ ...meeting, index })).reverse();
  const columns = meetings.length + 3;
  const before = shown[0]?.start ?? 0;
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="table-frame room-frame" ref={frame} tabIndex={0} aria-label={t('rooms.share')}>
      <table className="table room-table" aria-rowcount={people.length + 1}>
        <caption className="hidden">{t('rooms.share')}</caption>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">{t('rooms.name')}</th>
            <th scope="col">{t('rooms.all')}</th>
            <th scope="col" className="numeric">
              {t('rooms.attended')}
            </th>
            {newestFirst.map(({ id, createdAt, durationSeconds }) => (
              <th scope="col" key={id}>
                <Link to={`meetings/${id}`}>{format.dateTime(createdAt)}</Link>
                <span className="room-note">{clock(durationSeconds)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={before} columns={columns} />
          {shown.map(({ index }) => {
            const person = people[index];
            if (person === undefined) return null;
            const { externalUserId, name, expected, cells, onlineSeconds } = person;
            const shares = sharesOf(meetings, cells);
            const enough = shares.filter((one) => one !== null && reaches(one, threshold)).length;
            return (
              <tr key={externalUserId} aria-rowindex={index + 2}>
                <th scope="row">
                  <Link to={`people/${accessUrlId}/${encodeURIComponent(externalUserId)}`}>{name ?? externalUserId}</Link>
                  {expected && <span className="tag">{t('rooms.expected')}</span>}
                  <span className="room-note">{externalUserId}</span>
                </th>
                <td>
                  <ShareCell share={shareOfAll(meetings, onlineSeconds)} threshold={threshold} />
                </td>
                <td className="numeric">
                  {format.number(enough)} / {format.number(meetings.length)}
                </td>
                {newestFirst.map(({ id, index: column }) => (
                  <td key={id}>
                    <ShareCell share={shares[column] ?? null} threshold={threshold} />
                  </td>
                ))}
              </tr>
            );
          })}
          <Space height={after} columns={columns} />
        </tbody>
      </table>
    </section>
  );
}

/** In the place of the rows that are not drawn. */
function Space({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className="room-space">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  );
}
