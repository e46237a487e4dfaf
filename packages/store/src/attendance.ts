import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { groupBy } from './group-by.js';
import { type MeetingSummary, RUNNING, readMeetings } from './meeting-rows.js';
import { byNameAndId } from './people-queries.js';
import { mayReadAccessUrl, type ReadScope, readableMeeting } from './read-scope.js';
import { readRoster } from './rosters.js';
import { arrayOf } from './rows-as.js';
import { isoTime } from './statements.js';

/** Whose attendance: of everybody in one room, or of one person in all rooms; of one access URL. Times are unix ms. */
export interface AttendanceQuery {
  readonly accessUrlId: number;
  readonly of: { readonly remoteId: string } | { readonly person: string };
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface AttendanceRow {
  readonly externalUserId: string;
  readonly name: string | null;
  /** Whether the person is on the room's roster. */
  readonly expected: boolean;
  /** Seconds online in each meeting, in their order; null where absent. */
  readonly onlineSeconds: readonly (number | null)[];
}

export interface Attendance {
  /** The oldest first. */
  readonly meetings: readonly MeetingSummary[];
  /** By name; who is on the roster and never came too. */
  readonly people: readonly AttendanceRow[];
  /** Whether there are older meetings that are not told. */
  readonly truncated: boolean;
}

/** Columns that a page can show, and a bound for what one request reads. */
const MAX_MEETINGS = 200;

/** Who was in which meeting for how long, up to `now` (unix ms). Empty where nothing of it may be read. */
export async function attendance(store: Store, scope: ReadScope, query: AttendanceQuery, now: number): Promise<Attendance> {
  const db = store.statements;
  if (!mayReadAccessUrl(scope, query.accessUrlId)) return { meetings: [], people: [], truncated: false };
  const { of, accessUrlId, from, to } = query;
  const conditions = [
    ...readableMeeting(scope),
    Prisma.sql`m.access_url_id = ${accessUrlId}`,
    'remoteId' in of
      ? Prisma.sql`m.remote_id = ${of.remoteId}`
      : Prisma.sql`m.id IN (SELECT p.meeting_id FROM participant p WHERE p.person_key = ${of.person})`,
    // A room that was announced and never used is no meeting to be absent from.
    Prisma.sql`(${RUNNING} OR EXISTS (SELECT 1 FROM conference_activity a WHERE a.meeting_id = m.id AND a.ordinal = 0))`,
    ...(from === undefined ? [] : [Prisma.sql`m.created_at >= ${isoTime(from)}::timestamptz`]),
    ...(to === undefined ? [] : [Prisma.sql`m.created_at < ${isoTime(to)}::timestamptz`]),
  ];
  const newest = Prisma.sql`
    SELECT m.id, m.created_at AS key FROM conference_meeting m
    WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY m.created_at DESC, m.id DESC LIMIT ${MAX_MEETINGS + 1}`;
  const found = (await readMeetings(db, newest, 'desc', now)).map(({ meeting }) => meeting);
  const meetings = found.slice(0, MAX_MEETINGS).toReversed();
  const roster = 'remoteId' in of ? await readRoster(store, accessUrlId, of.remoteId) : null;

  // As of one meeting: the milliseconds of all sessions, rounded down once (docs/metrics.md, "Timers").
  const person = 'person' in of ? Prisma.sql`AND p.person_key = ${of.person}` : Prisma.empty;
  const cells = await db.query<{ meetingId: string; personKey: string; name: string | null; seconds: number }>(Prisma.sql`
    SELECT p.meeting_id::text AS "meetingId", p.person_key AS "personKey", p.name,
      floor(sum(GREATEST(0, extract(epoch FROM COALESCE(a.out_at, ${isoTime(now)}::timestamptz) - a.in_at))))::int AS seconds
    FROM participant p JOIN conference_activity a ON a.participant_id = p.id AND a.ordinal IS NOT NULL
    WHERE p.meeting_id = ANY(${arrayOf(
      meetings.map(({ id }) => id),
      'bigint',
    )}) ${person}
    GROUP BY p.id`);
  const expected = new Map((roster?.people ?? []).map((one) => [one.externalUserId, one.name]));
  const byPerson = groupBy(cells, ({ personKey }) => personKey);
  const keys = new Set([...byPerson.keys(), ...expected.keys()]);
  const people = [...keys].map((externalUserId): AttendanceRow => {
    const own = new Map((byPerson.get(externalUserId) ?? []).map((cell) => [cell.meetingId, cell]));
    const told = meetings.map(({ id }) => own.get(id));
    const name = told.findLast((cell) => cell !== undefined && cell.name !== null)?.name ?? expected.get(externalUserId) ?? null;
    return {
      externalUserId,
      name,
      expected: expected.has(externalUserId),
      onlineSeconds: told.map((cell) => cell?.seconds ?? null),
    };
  });
  return { meetings, people: people.sort(byNameAndId), truncated: found.length > MAX_MEETINGS };
}
