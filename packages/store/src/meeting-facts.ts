import type { MeetingFacts } from '@bbb-activity/events/conference-event';
import { Prisma } from './generated/client.js';
import { groupBy } from './group-by.js';
import { type JournalEvent, readMeetingEvents } from './journal.js';
import { isFlat, type Occurrence } from './occurrence.js';
import { bytesOf, updateRows } from './rows.js';
import { asJson, asMs, isoTime, type Statements } from './statements.js';

/** An occurrence as it shall be; what is left out of the facts was never told. */
interface ToldFacts {
  readonly facts: MeetingFacts;
  readonly announcedAt: number | null;
  readonly announcedIdentity: string | null;
}

/**
 * Writes occurrences that are locked FOR UPDATE. Their own fields are read from the journal, so that the order in which they
 * were told does not count: first `meeting_created` by time, over it the announcements by X-Chamilo-Timestamp and identity
 * (docs/metrics.md, "The modern endpoint"). Only what a request tells replaces what an earlier one told.
 */
export async function writeOccurrences(db: Statements, occurrences: readonly Occurrence[]): Promise<void> {
  if (occurrences.length === 0) return;
  const ids = occurrences.map((occurrence) => occurrence.id);
  const told = groupBy(await readMeetingEvents(db, ids, ['meeting_created', 'meeting_announced']), (event) => event.meetingId);
  const lastAt = await lastEventTimes(
    db,
    occurrences.filter((one) => isFlat(one) && one.endedAt !== null),
  );
  const rows = occurrences.map((occurrence) =>
    meetingColumns(occurrence, told.get(occurrence.id) ?? [], lastAt.get(occurrence.id) ?? null),
  );
  await updateRows(db, 'conference_meeting', rows);
}

/**
 * An occurrence by its row's columns. `told` are its events that tell the meeting's own fields, `lastAt` is the time of the last event
 * of any participant, which only matters for a flat occurrence that ended.
 */
export function meetingColumns(occurrence: Occurrence, told: readonly JournalEvent[], lastAt: number | null) {
  const { facts, announcedAt, announcedIdentity } = factsOf(told);
  const { status, closedAt } = closingOf(occurrence, facts, lastAt);
  return {
    id: occurrence.id,
    remote_id: occurrence.remoteId,
    remote_at: isoTime(occurrence.remoteAt),
    remote_identity: bytesOf(occurrence.remoteIdentity),
    created_at: isoTime(occurrence.createdAt),
    ended_at: isoTime(occurrence.endedAt),
    presumed_end: occurrence.presumedEnd,
    known: occurrence.known,
    announced_at: isoTime(announcedAt),
    announced_identity: bytesOf(announcedIdentity),
    status,
    closed_at: closedAt,
    title: facts.title ?? null,
    provider: facts.provider ?? 'bbb',
    record: facts.record ?? false,
    voice_bridge: facts.voiceBridge ?? null,
    video_url: facts.videoUrl ?? null,
    visibility: facts.visibility ?? null,
    c_id: facts.courseId ?? null,
    session_id: facts.sessionId ?? null,
    group_id: facts.groupId ?? null,
    user_id: facts.userId ?? null,
    calendar_id: facts.calendarId ?? null,
    is_breakout: facts.isBreakout ?? false,
    parent_internal_id: facts.parentInternalId ?? null,
  };
}

function factsOf(events: readonly JournalEvent[]): ToldFacts {
  const created = events.filter((event) => event.kind === 'meeting_created').sort(by((event) => event.at));
  const announced = events.filter((event) => event.kind === 'meeting_announced').sort(by(signedSeconds));
  const winner = announced.at(-1);
  return {
    facts: Object.assign({}, ...[...created, ...announced].map((event) => event.details.meeting ?? {})),
    announcedAt: winner === undefined ? null : signedSeconds(winner) * 1_000,
    announcedIdentity: winner?.identity ?? null,
  };
}

/** The mark of a presumed end closes where that was set; an end that was heard counts over what was announced; a flat occurrence goes on where a later event was heard. */
function closingOf(
  occurrence: Occurrence,
  facts: MeetingFacts,
  lastAt: number | null,
): { status: string; closedAt: string | null } {
  const { endedAt, presumedEnd } = occurrence;
  if (presumedEnd !== null) return { status: 'ended', closedAt: isoTime(occurrence.closedAt) };
  if (endedAt !== null && !(isFlat(occurrence) && lastAt !== null && lastAt > endedAt)) {
    return { status: 'ended', closedAt: isoTime(endedAt) };
  }
  return { status: facts.status ?? 'running', closedAt: isoTime(facts.closedAt ?? null) };
}

/** Times of the last event of any participant, unix ms, by meeting id. */
async function lastEventTimes(db: Statements, occurrences: readonly Occurrence[]): Promise<Map<string, number>> {
  if (occurrences.length === 0) return new Map();
  const rows = await db.query<{ id: string; lastAt: number }>(Prisma.sql`
    SELECT p.meeting_id::text AS id, ${asMs('max(p.last_at)')} AS "lastAt"
    FROM participant p
    WHERE p.meeting_id IN (
        SELECT id::bigint FROM jsonb_array_elements_text(${asJson(occurrences.map(({ id }) => id))}) AS m(id)
      )
      AND p.last_at IS NOT NULL
    GROUP BY p.meeting_id`);
  return new Map(rows.map((row) => [row.id, row.lastAt]));
}

/** Keeps the recordings that events announce. */
export async function writeRecordings(
  db: Statements,
  recordings: readonly { readonly meetingId: string; readonly formatType: string; readonly url: string }[],
): Promise<void> {
  if (recordings.length === 0) return;
  await db.execute(Prisma.sql`
    INSERT INTO conference_recording (meeting_id, format_type, url)
    SELECT DISTINCT "meetingId", "formatType", url
    FROM jsonb_to_recordset(${asJson(recordings)}) AS n("meetingId" bigint, "formatType" text, url text)
    ON CONFLICT (meeting_id, format_type, url) DO NOTHING`);
}

function signedSeconds(event: JournalEvent): number {
  return event.details.signedSeconds ?? 0;
}

function by(order: (event: JournalEvent) => number): (a: JournalEvent, b: JournalEvent) => number {
  return (a, b) => order(a) - order(b) || (a.identity < b.identity ? -1 : 1);
}
