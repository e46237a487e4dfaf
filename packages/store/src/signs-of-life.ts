import type { EventKind } from '@bbb-activity/events/conference-event';
import { Prisma } from './generated/client.js';
import { asJson, asMs, type Statements } from './statements.js';

/**
 * Kinds that come also when nobody is inside any more, such as BBB's news of a recording that is being processed: they say nothing of
 * whether the meeting goes on (docs/metrics.md, "Presumed end").
 */
const NO_SIGNS_OF_LIFE: readonly EventKind[] = ['noted', 'meeting_announced', 'recording_announced'];

/** Whether an event of this kind shows that its meeting was going on at the event's time. */
export function isSignOfLife(kind: EventKind): boolean {
  return !NO_SIGNS_OF_LIFE.includes(kind);
}

/** Time of the last event that shows the meeting going on, unix ms: where a presumed end is. Null where there is none. */
export async function lastSignOfLife(db: Statements, meetingId: string): Promise<number | null> {
  const [last] = await db.query<{ at: number | null }>(Prisma.sql`
    SELECT ${asMs('max(e.at)')} AS at
    FROM conference_event e
    WHERE e.meeting_id = ${meetingId}::bigint AND e.kind NOT IN (SELECT jsonb_array_elements_text(${asJson(NO_SIGNS_OF_LIFE)}))`);
  return last?.at ?? null;
}
