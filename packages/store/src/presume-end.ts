import type { MeetingEnd } from '@bbb-activity/metrics/fold-event';
import type { Store } from './client.js';
import { foldParticipants } from './folding.js';
import { Prisma } from './generated/client.js';
import { lockOccurrenceById } from './lock-occurrences.js';
import { isFlat } from './occurrence.js';
import { lockParticipants } from './participants.js';
import { lastSignOfLife } from './signs-of-life.js';
import { isoTime, type Statements } from './statements.js';
import { inTransaction } from './transaction.js';

/**
 * Marks a meeting whose end was never heard of as ended: open sessions close at the time of the last event that shows it going on.
 * The next such event lifts the mark (docs/metrics.md, "Presumed end"). Where no event shows that it ever went on there is nothing to
 * close, and the mark has no time.
 *
 * @param quietMs nothing may have arrived for this long: what arrived after the evidence was gathered refutes it
 * @returns false where there is nothing to presume: no such meeting, one that waits, one that ended, is marked or sealed already, one
 *   that was heard of meanwhile.
 */
export async function presumeEnd(
  store: Store,
  meetingId: string,
  by: 'not_running' | 'silence',
  quietMs: number | null = null,
): Promise<boolean> {
  return inTransaction(store, async (db) => {
    const row = await lockOccurrenceById(db, meetingId);
    if (row === null || !row.known || row.sealed || row.presumedEnd !== null || (row.endedAt !== null && !isFlat(row)))
      return false;
    if (quietMs !== null && (await wasHeardOf(db, meetingId, quietMs))) return false;
    const at = await lastSignOfLife(db, meetingId);
    const end: MeetingEnd | null = at === null ? null : { at, by };
    const participants = await lockParticipants(db, [], [meetingId]);
    await foldParticipants(
      db,
      participants.map((participant) => ({ participant, occurrence: row, end, events: [], flatEnds: [], again: false })),
      true,
    );
    await db.execute(Prisma.sql`
      UPDATE conference_meeting
      SET presumed_end = ${by}, status = 'ended', closed_at = ${isoTime(at)}::timestamptz
      WHERE id = ${meetingId}::bigint`);
    return true;
  });
}

async function wasHeardOf(db: Statements, meetingId: string, withinMs: number): Promise<boolean> {
  const [heard] = await db.query<{ yes: boolean }>(Prisma.sql`
    SELECT EXISTS (
      SELECT 1 FROM conference_event e
      WHERE e.meeting_id = ${meetingId}::bigint AND e.received_at > now() - make_interval(secs => ${withinMs / 1_000}::float8)
    ) AS yes`);
  return heard?.yes ?? false;
}
