import { Prisma } from './generated/client.js';
import type { JournalEvent } from './journal.js';
import { bytesOf, recordsOf } from './rows.js';
import { asJson, isoTime, type Statements } from './statements.js';

/** An `activity` event of the modern endpoint and the row's owner. */
export interface ModernActivity {
  readonly meetingId: string;
  readonly participantId: string;
  readonly event: JournalEvent;
}

/**
 * The rows of the modern endpoint's own activities, by their columns: one for each (participant, event, time); of several requests
 * the last signed wins.
 */
export function activityRows(activities: readonly ModernActivity[]): ActivityRow[] {
  const winners = new Map<string, ActivityRow>();
  for (const row of activities.flatMap(activityColumns)) {
    const key = JSON.stringify([row.participant_id, row.event, row.event_at]);
    const other = winners.get(key);
    if (other === undefined || isLater(row, other)) winners.set(key, row);
  }
  return [...winners.values()];
}

/** Writes activities beside those that are there already. */
export async function writeModernActivities(db: Statements, activities: readonly ModernActivity[]): Promise<number> {
  const rows = activityRows(activities);
  if (rows.length === 0) return 0;
  return db.execute(Prisma.sql`
    INSERT INTO conference_activity (
      meeting_id, participant_id, in_at, out_at, close, type, event, activity_data, signature_file, signed_at,
      event_at, signed_seconds, identity
    )
    SELECT
      meeting_id, participant_id, in_at, out_at, close, type, event, activity_data, signature_file, signed_at,
      event_at, signed_seconds, identity
    FROM ${recordsOf('conference_activity', rows)}
    ON CONFLICT (participant_id, event, event_at) DO UPDATE SET
      in_at = EXCLUDED.in_at, out_at = EXCLUDED.out_at, close = EXCLUDED.close, type = EXCLUDED.type,
      activity_data = EXCLUDED.activity_data, signature_file = EXCLUDED.signature_file, signed_at = EXCLUDED.signed_at,
      signed_seconds = EXCLUDED.signed_seconds, identity = EXCLUDED.identity
    WHERE (EXCLUDED.signed_seconds, EXCLUDED.identity) > (conference_activity.signed_seconds, conference_activity.identity)`);
}

/** Removes those activities of participants that are not among `kept`: their events are another person's now. */
export async function deleteSurplusActivities(
  db: Statements,
  participantIds: readonly string[],
  kept: readonly ModernActivity[],
): Promise<void> {
  if (participantIds.length === 0) return;
  await db.execute(Prisma.sql`
    DELETE FROM conference_activity a
    WHERE a.ordinal IS NULL
      AND a.participant_id IN (SELECT id::bigint FROM jsonb_array_elements_text(${asJson(participantIds)}) AS p(id))
      AND NOT EXISTS (
        SELECT 1 FROM ${recordsOf('conference_activity', activityRows(kept))} AS k
        WHERE k.participant_id = a.participant_id AND k.identity = a.identity
      )`);
}

type ActivityRow = ReturnType<typeof activityColumns>[number];

function activityColumns({ meetingId, participantId, event }: ModernActivity) {
  const activity = event.details.activity;
  if (activity === undefined) return [];
  return [
    {
      meeting_id: meetingId,
      participant_id: participantId,
      in_at: isoTime(activity.inAt),
      out_at: isoTime(activity.outAt),
      close: activity.close ?? false,
      type: activity.type ?? '',
      event: activity.event,
      activity_data: activity.activityData,
      signature_file: activity.signatureFile,
      signed_at: isoTime(activity.signedAt),
      event_at: isoTime(event.at),
      signed_seconds: event.details.signedSeconds ?? 0,
      identity: bytesOf(event.identity),
    },
  ];
}

function isLater(row: ActivityRow, other: ActivityRow): boolean {
  if (row.signed_seconds !== other.signed_seconds) return row.signed_seconds > other.signed_seconds;
  return row.identity > other.identity;
}
