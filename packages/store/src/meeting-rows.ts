import { Prisma } from './generated/client.js';
import type { Order } from './meeting-cursor.js';
import { asMs, isoTime, type Statements } from './statements.js';

/** An occurrence as it is told to people. */
export interface MeetingSummary {
  readonly id: string;
  readonly accessUrlId: number;
  /** External meeting id; null while no event told it. */
  readonly remoteId: string | null;
  readonly internalMeetingId: string | null;
  /** The meeting's own, else the room's as it was announced, else the external or internal id. */
  readonly title: string;
  readonly status: string;
  /** Whether it goes on: somebody is inside, or it is a run of its own of which no end is known. */
  readonly running: boolean;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
  /** From its beginning to its end, or to now, or to the last leave where no end is told; rounded down. */
  readonly durationSeconds: number;
  /** People who had a session. */
  readonly participants: number;
  /** People who have an open one. */
  readonly online: number;
  readonly isBreakout: boolean;
  /** Id of the occurrence whose breakout room it is, where that is known. */
  readonly parentId: string | null;
}

/** The title of `m`, never null. */
export const TITLE = Prisma.sql`COALESCE(
  NULLIF(m.title, ''),
  (
    SELECT r.title FROM conference_meeting r
    WHERE r.access_url_id = m.access_url_id AND r.remote_id = m.remote_id AND r.announced_at IS NOT NULL AND r.title <> ''
    ORDER BY r.announced_at DESC, r.announced_identity DESC
    LIMIT 1
  ),
  m.remote_id, m.internal_meeting_id, '')`;

/** Whether somebody is inside `m`. */
const INSIDE = Prisma.sql`EXISTS (
  SELECT 1 FROM conference_activity o WHERE o.meeting_id = m.id AND o.close = false AND o.ordinal IS NOT NULL)`;

/** Whether `m` goes on. A flat occurrence is a room: it is only said to go on while somebody is inside. */
export const RUNNING = Prisma.sql`(
  (m.internal_meeting_id IS NOT NULL AND m.closed_at IS NULL AND m.ended_at IS NULL AND m.presumed_end IS NULL AND m.sealed_at IS NULL)
  OR ${INSIDE})`;

/** How long `m` lasted until `now` (unix ms), in ms. */
export function lengthAt(now: number): Prisma.Sql {
  return Prisma.sql`GREATEST(0, (extract(epoch FROM (
    CASE
      WHEN ${RUNNING} THEN ${isoTime(now)}::timestamptz
      ELSE COALESCE(m.closed_at, m.ended_at, (SELECT max(a.out_at) FROM conference_activity a WHERE a.meeting_id = m.id), m.created_at)
    END - m.created_at)) * 1000)::bigint)`;
}

/** A meeting, and what it is sorted by as PostgreSQL tells it. */
export interface SortedMeeting {
  readonly meeting: MeetingSummary;
  readonly key: string;
}

interface MeetingRow extends Omit<MeetingSummary, 'createdAt' | 'closedAt' | 'durationSeconds'> {
  readonly key: string;
  readonly createdMs: number;
  readonly closedMs: number | null;
  readonly lengthMs: number;
}

/**
 * Meetings as they are at `now` (unix ms), sorted by `key` and id.
 *
 * @param ids SQL that gives rows (id, key)
 */
export async function readMeetings(db: Statements, ids: Prisma.Sql, order: Order, now: number): Promise<SortedMeeting[]> {
  const direction = order === 'asc' ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const rows = await db.query<MeetingRow>(Prisma.sql`
    WITH page AS MATERIALIZED (${ids})
    SELECT page.key::text AS key, m.id::text AS id, m.access_url_id AS "accessUrlId", m.remote_id AS "remoteId",
      m.internal_meeting_id AS "internalMeetingId", m.status, ${RUNNING} AS running,
      ${asMs('m.created_at')} AS "createdMs", ${asMs('m.closed_at')} AS "closedMs", ${lengthAt(now)}::float8 AS "lengthMs",
      (
        SELECT count(*) FROM conference_activity a WHERE a.meeting_id = m.id AND a.ordinal = 0
      )::int AS participants,
      (
        SELECT count(*) FROM conference_activity o
        WHERE o.meeting_id = m.id AND o.close = false AND o.ordinal IS NOT NULL
      )::int AS online,
      m.is_breakout AS "isBreakout",
      (
        SELECT p.id::text FROM conference_meeting p
        WHERE p.access_url_id = m.access_url_id AND p.occurrence_key = 'i:' || m.parent_internal_id AND p.known
      ) AS "parentId",
      ${TITLE} AS title
    FROM page JOIN conference_meeting m ON m.id = page.id
    ORDER BY page.key ${direction}, page.id ${direction}`);
  return rows.map(({ key, createdMs, closedMs, lengthMs, ...row }) => ({
    key,
    meeting: {
      ...row,
      createdAt: new Date(createdMs),
      closedAt: closedMs === null ? null : new Date(closedMs),
      durationSeconds: Math.floor(lengthMs / 1_000),
    },
  }));
}
