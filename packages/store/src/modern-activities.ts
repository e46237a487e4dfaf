import { Prisma } from './generated/client.js';
import type { JournalEvent } from './journal.js';
import { asJson, isoTime, type Statements } from './statements.js';

/** An `activity` event of the modern endpoint and the row's owner. */
export interface ModernActivity {
  readonly meetingId: string;
  readonly participantId: string;
  readonly event: JournalEvent;
}

/** Writes the modern endpoint's own activities, one row for each (participant, event, time); of several requests the last signed wins. */
export async function writeModernActivities(db: Statements, activities: readonly ModernActivity[]): Promise<number> {
  const winners = new Map<string, Row>();
  for (const row of activities.flatMap(rowOf)) {
    const key = JSON.stringify([row.participantId, row.event, row.eventAt]);
    const other = winners.get(key);
    if (other === undefined || isLater(row, other)) winners.set(key, row);
  }
  if (winners.size === 0) return 0;
  return db.execute(Prisma.sql`
    INSERT INTO conference_activity (
      meeting_id, participant_id, in_at, out_at, close, type, event, activity_data, signature_file, signed_at,
      event_at, signed_seconds, identity
    )
    SELECT
      "meetingId", "participantId", "inAt", "outAt", close, type, event, "activityData", "signatureFile", "signedAt",
      "eventAt", "signedSeconds", decode(identity, 'hex')
    FROM jsonb_to_recordset(${asJson([...winners.values()])}) AS n(
      "meetingId" bigint, "participantId" bigint, "inAt" timestamptz, "outAt" timestamptz, close boolean, type text, event text,
      "activityData" text, "signatureFile" text, "signedAt" timestamptz, "eventAt" timestamptz, "signedSeconds" bigint, identity text
    )
    ON CONFLICT (participant_id, event, event_at) DO UPDATE SET
      in_at = EXCLUDED.in_at, out_at = EXCLUDED.out_at, close = EXCLUDED.close, type = EXCLUDED.type,
      activity_data = EXCLUDED.activity_data, signature_file = EXCLUDED.signature_file, signed_at = EXCLUDED.signed_at,
      signed_seconds = EXCLUDED.signed_seconds, identity = EXCLUDED.identity
    WHERE (EXCLUDED.signed_seconds, EXCLUDED.identity) > (conference_activity.signed_seconds, conference_activity.identity)`);
}

type Row = ReturnType<typeof rowOf>[number];

function rowOf({ meetingId, participantId, event }: ModernActivity) {
  const activity = event.details.activity;
  if (activity === undefined) return [];
  return [
    {
      meetingId,
      participantId,
      inAt: isoTime(activity.inAt),
      outAt: isoTime(activity.outAt),
      close: activity.close ?? false,
      type: activity.type ?? '',
      event: activity.event,
      activityData: activity.activityData,
      signatureFile: activity.signatureFile,
      signedAt: isoTime(activity.signedAt),
      eventAt: isoTime(event.at),
      signedSeconds: event.details.signedSeconds ?? 0,
      identity: event.identity,
    },
  ];
}

function isLater(row: Row, other: Row): boolean {
  if (row.signedSeconds !== other.signedSeconds) return row.signedSeconds > other.signedSeconds;
  return row.identity > other.identity;
}
