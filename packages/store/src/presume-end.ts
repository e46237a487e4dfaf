import type { MeetingEnd } from '@bbb-activity/metrics/fold-event';
import type { Store } from './client.js';
import { foldParticipants } from './folding.js';
import { Prisma } from './generated/client.js';
import { lockOccurrenceById } from './lock-occurrences.js';
import { isFlat } from './occurrence.js';
import { lockParticipants } from './participants.js';
import { asMs, isoTime } from './statements.js';
import { inTransaction } from './transaction.js';

/**
 * Marks a meeting whose end was never heard of as ended: open sessions close at the time of the occurrence's last event. The next
 * new event lifts the mark (docs/metrics.md, "Presumed end").
 *
 * @returns false where there is nothing to presume: no such meeting, one that waits, one that ended or is marked already.
 */
export async function presumeEnd(store: Store, meetingId: string, by: 'not_running' | 'silence'): Promise<boolean> {
  return inTransaction(store, async (db) => {
    const row = await lockOccurrenceById(db, meetingId);
    if (row === null || !row.known || row.presumedEnd !== null || (row.endedAt !== null && !isFlat(row))) return false;
    const [last] = await db.query<{ at: number | null }>(Prisma.sql`
      SELECT ${asMs('max(e.at)')} AS at FROM conference_event e WHERE e.meeting_id = ${meetingId}::bigint`);
    const end: MeetingEnd = { at: last?.at ?? row.createdAt, by };
    const participants = await lockParticipants(db, [], [meetingId]);
    await foldParticipants(
      db,
      participants.map((participant) => ({ participant, occurrence: row, end, events: [], flatEnds: [], again: false })),
    );
    await db.execute(Prisma.sql`
      UPDATE conference_meeting
      SET presumed_end = ${by}, status = 'ended', closed_at = ${isoTime(end.at)}::timestamptz
      WHERE id = ${meetingId}::bigint`);
    return true;
  });
}
