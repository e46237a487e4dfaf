import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { behind, formatCursor, type MeetingCursor, type MeetingSort, type Order, readCursor } from './meeting-cursor.js';
import { lengthAt, type MeetingSummary, RUNNING, readMeetings, type SortedMeeting, TITLE } from './meeting-rows.js';
import { type ReadScope, readableMeeting } from './read-scope.js';
import { arrayOf } from './rows-as.js';
import { isoTime } from './statements.js';

export type { MeetingSummary } from './meeting-rows.js';

/** What narrows a list of meetings. Times are unix ms. */
export interface MeetingFilter {
  /** In the title, whatever the case. */
  readonly title?: string | undefined;
  /** Began then or later. */
  readonly from?: number | undefined;
  /** Began before. */
  readonly to?: number | undefined;
  readonly running?: boolean | undefined;
  readonly accessUrlId?: number | undefined;
  readonly remoteId?: string | undefined;
}

export interface ListMeetingsOptions extends MeetingFilter {
  /** Default: when they began. */
  readonly sort?: MeetingSort | undefined;
  /** Default: `asc` by title, else `desc`. */
  readonly order?: Order | undefined;
  /** From the page before. */
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
  /** Unix ms up to which what goes on is counted, on a first page. Default: now. */
  readonly now?: number | undefined;
}

export interface MeetingPage {
  readonly items: readonly MeetingSummary[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/**
 * Meetings that are known and may be read, newest first unless told otherwise. A flat occurrence in which nobody did anything (the modern
 * endpoint announces rooms without an internal id) is left out where the room has another occurrence.
 *
 * @throws InvalidCursorError
 */
export async function listMeetings(store: Store, scope: ReadScope, options: ListMeetingsOptions = {}): Promise<MeetingPage> {
  const limit = Math.min(Math.max(1, Math.trunc(options.limit ?? DEFAULT_LIMIT)), MAX_LIMIT);
  const sort = options.sort ?? 'started';
  const order = options.order ?? (sort === 'title' ? 'asc' : 'desc');
  const cursor = options.cursor === undefined ? null : readCursor(options.cursor, sort, order);
  const now = cursor?.now ?? options.now ?? Date.now();
  const conditions = [...readableMeeting(scope), SHOWN, ...conditionsOf(options)];
  const all = Prisma.sql`
    SELECT m.id, ${KEYS[sort](now)} AS key FROM conference_meeting m WHERE ${Prisma.join(conditions, ' AND ')}`;
  const after = cursor === null ? Prisma.empty : Prisma.sql`WHERE ${behind(cursor)}`;
  const direction = order === 'asc' ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const page = Prisma.sql`
    SELECT s.id, s.key FROM (${all} ${sort === 'started' ? Prisma.empty : ONCE_A_MEETING}) AS s
    ${after} ORDER BY s.key ${direction}, s.id ${direction} LIMIT ${limit + 1}`;
  const rows = await readMeetings(store.statements, page, order, now);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? formatCursor(cursorAt(last, { sort, order, now })) : null;
  return { items: items.map(({ meeting }) => meeting), nextCursor };
}

/** One known meeting as it is at `now` (unix ms); null where there is none of that id that may be read. */
export async function getMeeting(store: Store, scope: ReadScope, id: string, now = Date.now()): Promise<MeetingSummary | null> {
  if (!/^\d{1,18}$/.test(id)) return null;
  const conditions = [...readableMeeting(scope), Prisma.sql`m.id = ${id}::bigint`];
  const one = Prisma.sql`SELECT m.id, 1 AS key FROM conference_meeting m WHERE ${Prisma.join(conditions, ' AND ')}`;
  const [found] = await readMeetings(store.statements, one, 'asc', now);
  return found?.meeting ?? null;
}

/** The breakout rooms of a meeting that may be read, the oldest first: who may read that one alone is told of them too, and what happened in them is not opened by it. */
export async function breakoutsOf(
  store: Store,
  scope: ReadScope,
  meeting: MeetingSummary,
  now: number,
): Promise<MeetingSummary[]> {
  if (meeting.internalMeetingId === null) return [];
  const conditions = [
    ...readableMeeting({ ...scope, meetingId: null }),
    Prisma.sql`m.access_url_id = ${meeting.accessUrlId}`,
    Prisma.sql`m.is_breakout = true`,
    Prisma.sql`m.parent_internal_id = ${meeting.internalMeetingId}`,
  ];
  const ids = Prisma.sql`SELECT m.id, m.created_at AS key FROM conference_meeting m WHERE ${Prisma.join(conditions, ' AND ')}`;
  return (await readMeetings(store.statements, ids, 'asc', now)).map((found) => found.meeting);
}

/** Not a room that was announced and has runs of its own. */
const SHOWN = Prisma.sql`(
  m.internal_meeting_id IS NOT NULL
  OR EXISTS (SELECT 1 FROM conference_activity a WHERE a.meeting_id = m.id)
  OR NOT EXISTS (
    SELECT 1 FROM conference_meeting o
    WHERE o.access_url_id = m.access_url_id AND o.remote_id = m.remote_id AND o.internal_meeting_id IS NOT NULL AND o.known
  )
)`;

function conditionsOf({ title, from, to, running, accessUrlId, remoteId }: MeetingFilter): Prisma.Sql[] {
  return [
    ...(title === undefined ? [] : [Prisma.sql`${TITLE} ILIKE ${`%${title.replace(/[\\%_]/g, '\\$&')}%`}`]),
    ...(from === undefined ? [] : [Prisma.sql`m.created_at >= ${isoTime(from)}::timestamptz`]),
    ...(to === undefined ? [] : [Prisma.sql`m.created_at < ${isoTime(to)}::timestamptz`]),
    ...(running === undefined ? [] : [running ? RUNNING : Prisma.sql`NOT ${RUNNING}`]),
    ...(accessUrlId === undefined ? [] : [Prisma.sql`m.access_url_id = ${accessUrlId}`]),
    ...(remoteId === undefined ? [] : [Prisma.sql`m.remote_id = ${remoteId}`]),
  ];
}

/** What each list is sorted by. */
const KEYS: Readonly<Record<MeetingSort, (now: number) => Prisma.Sql>> = {
  started: () => Prisma.sql`m.created_at`,
  title: () => Prisma.sql`lower(${TITLE})`,
  duration: lengthAt,
  // One look a meeting, in the index alone. Counted for all at once and joined, it was measured to cost more even where all are listed, and 20 s
  // where PostgreSQL takes a filter to let hardly any pass: then it counts all anew for each.
  participants: () => Prisma.sql`(SELECT count(*) FROM conference_activity a WHERE a.meeting_id = m.id AND a.ordinal = 0)`,
};

/** Keeps PostgreSQL from working out a key once to sort and once more to find what is behind the cursor. When meetings began stands in an index. */
const ONCE_A_MEETING = Prisma.sql`OFFSET 0`;

function cursorAt({ meeting, key }: SortedMeeting, place: Omit<MeetingCursor, 'key' | 'id'>): MeetingCursor {
  const value = place.sort === 'started' ? meeting.createdAt.getTime() : place.sort === 'title' ? key : Number(key);
  return { ...place, key: value, id: meeting.id };
}

/** The access URLs of meetings that are known, by their ids. */
export async function accessUrlsOf(store: Store, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await store.statements.query<{ id: string; accessUrlId: number }>(Prisma.sql`
    SELECT m.id::text AS id, m.access_url_id AS "accessUrlId"
    FROM conference_meeting m WHERE m.known AND m.id = ANY(${arrayOf(ids, 'bigint')})`);
  return new Map(rows.map(({ id, accessUrlId }) => [id, accessUrlId]));
}
