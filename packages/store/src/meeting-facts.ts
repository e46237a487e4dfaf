import type { MeetingFacts } from '@bbb-activity/events/conference-event';
import { Prisma } from './generated/client.js';
import { groupBy } from './group-by.js';
import { type JournalEvent, readMeetingEvents } from './journal.js';
import { isFlat, type Occurrence } from './occurrence.js';
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
  const rows = occurrences.map((occurrence) => {
    const { facts, announcedAt, announcedIdentity } = factsOf(told.get(occurrence.id) ?? []);
    return {
      id: occurrence.id,
      remoteId: occurrence.remoteId,
      remoteAt: isoTime(occurrence.remoteAt),
      remoteIdentity: occurrence.remoteIdentity,
      createdAt: isoTime(occurrence.createdAt),
      endedAt: isoTime(occurrence.endedAt),
      presumedEnd: occurrence.presumedEnd,
      known: occurrence.known,
      announcedAt: isoTime(announcedAt),
      announcedIdentity,
      ...closingOf(occurrence, facts, lastAt.get(occurrence.id) ?? null),
      title: facts.title,
      provider: facts.provider,
      record: facts.record,
      voiceBridge: facts.voiceBridge,
      videoUrl: facts.videoUrl,
      visibility: facts.visibility,
      cId: facts.courseId,
      sessionId: facts.sessionId,
      groupId: facts.groupId,
      userId: facts.userId,
      calendarId: facts.calendarId,
      isBreakout: facts.isBreakout,
      parentInternalId: facts.parentInternalId,
    };
  });
  await db.execute(Prisma.sql`
    UPDATE conference_meeting m
    SET remote_id = n."remoteId", remote_at = n."remoteAt", remote_identity = decode(n."remoteIdentity", 'hex'), created_at = n."createdAt", ended_at = n."endedAt", closed_at = n."closedAt",
      presumed_end = n."presumedEnd", known = n.known, status = n.status,
      announced_at = n."announcedAt", announced_identity = decode(n."announcedIdentity", 'hex'),
      title = COALESCE(n.title, m.title), provider = COALESCE(n.provider, m.provider), record = COALESCE(n.record, m.record),
      voice_bridge = COALESCE(n."voiceBridge", m.voice_bridge), video_url = COALESCE(n."videoUrl", m.video_url),
      visibility = COALESCE(n.visibility, m.visibility), c_id = COALESCE(n."cId", m.c_id),
      session_id = COALESCE(n."sessionId", m.session_id), group_id = COALESCE(n."groupId", m.group_id),
      user_id = COALESCE(n."userId", m.user_id), calendar_id = COALESCE(n."calendarId", m.calendar_id),
      is_breakout = COALESCE(n."isBreakout", m.is_breakout),
      parent_internal_id = COALESCE(n."parentInternalId", m.parent_internal_id)
    FROM jsonb_to_recordset(${asJson(rows)}) AS n(
      id bigint, "remoteId" text, "remoteAt" timestamptz, "remoteIdentity" text, "createdAt" timestamptz, "endedAt" timestamptz, "closedAt" timestamptz, "presumedEnd" text,
      known boolean, status text, "announcedAt" timestamptz, "announcedIdentity" text, title text, provider text, record boolean,
      "voiceBridge" text, "videoUrl" text, visibility int, "cId" int, "sessionId" int, "groupId" int, "userId" int,
      "calendarId" int, "isBreakout" boolean, "parentInternalId" text
    )
    WHERE m.id = n.id`);
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

/** An end that was heard counts over what was announced; a flat occurrence goes on where a later event was heard. */
function closingOf(
  occurrence: Occurrence,
  facts: MeetingFacts,
  lastAt: number | null,
): { status: string; closedAt: string | null } {
  const { endedAt, presumedEnd } = occurrence;
  if (endedAt !== null && !(isFlat(occurrence) && lastAt !== null && lastAt > endedAt)) {
    return { status: 'ended', closedAt: isoTime(endedAt) };
  }
  if (presumedEnd !== null) return { status: 'ended', closedAt: isoTime(occurrence.closedAt) };
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
