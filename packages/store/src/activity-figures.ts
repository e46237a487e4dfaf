import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { RUNNING } from './meeting-rows.js';
import { type ReadScope, readableMeeting } from './read-scope.js';
import { asMs } from './statements.js';

/** What goes on now, and what went on today. */
export interface ActivityFigures {
  readonly activeMeetings: number;
  readonly connectedNow: number;
  /** Sessions that began since midnight of the time zone. */
  readonly joinsToday: number;
  readonly eventsLast24h: number;
}

/** PostgreSQL does not know the time zone. */
export class UnknownTimeZoneError extends Error {
  readonly code = 'unknown_time_zone';

  constructor(timeZone: string) {
    super(`there is no time zone ${JSON.stringify(timeZone)}`);
  }
}

/** SQLSTATE of PostgreSQL where a time zone is none. */
const INVALID_PARAMETER = '22023';

/**
 * Counted meeting by meeting: only those of which something may have happened since are looked into, each by an index.
 *
 * @param timeZone an IANA name
 * @throws UnknownTimeZoneError
 */
export async function activityFigures(
  store: Store,
  scope: ReadScope,
  { timeZone, accessUrlId }: { readonly timeZone: string; readonly accessUrlId?: number | undefined },
): Promise<ActivityFigures> {
  const conditions = readableMeeting(scope);
  if (accessUrlId !== undefined) conditions.push(Prisma.sql`m.access_url_id = ${accessUrlId}`);
  const mine = Prisma.join(conditions, ' AND ');
  try {
    const [row] = await store.statements.query<ActivityFigures>(Prisma.sql`
      WITH today AS MATERIALIZED (
        SELECT (date_trunc('day', now() AT TIME ZONE ${timeZone}::text) AT TIME ZONE ${timeZone}::text) AS midnight
      )
      SELECT
        (
          SELECT count(*) FROM conference_meeting m
          WHERE ${mine} AND ${RUNNING}
            AND ((m.ended_at IS NULL AND m.presumed_end IS NULL AND m.sealed_at IS NULL)
              OR m.id IN (SELECT o.meeting_id FROM conference_activity o WHERE o.close = false AND o.ordinal IS NOT NULL))
        )::int AS "activeMeetings",
        (
          SELECT count(*) FROM conference_activity o JOIN conference_meeting m ON m.id = o.meeting_id
          WHERE o.close = false AND o.ordinal IS NOT NULL AND ${mine}
        )::int AS "connectedNow",
        (
          SELECT COALESCE(sum(j.joins), 0) FROM today, conference_meeting m, LATERAL (
            SELECT count(*) AS joins FROM conference_activity a
            WHERE a.meeting_id = m.id AND a.ordinal IS NOT NULL AND a.in_at >= today.midnight
          ) AS j
          WHERE ${mine} AND (m.internal_meeting_id IS NULL OR m.closed_at IS NULL OR m.closed_at >= today.midnight)
        )::int AS "joinsToday",
        (
          SELECT COALESCE(sum(j.events), 0) FROM conference_meeting m, LATERAL (
            SELECT count(*) AS events FROM conference_event e
            WHERE e.meeting_id = m.id AND e.received_at > now() - interval '24 hours'
          ) AS j
          WHERE ${mine} AND m.emptied_at IS NULL
        )::int AS "eventsLast24h"`);
    if (row === undefined) throw new Error('a row of counts is missing');
    return row;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === INVALID_PARAMETER) {
      throw new UnknownTimeZoneError(timeZone);
    }
    throw error;
  }
}

/** When the newest event of each access URL arrived (unix ms), whoever sent it. An access URL of which no event is kept is left out. */
export async function lastEventTimes(store: Store): Promise<Map<number, number>> {
  const rows = await store.statements.query<{ accessUrlId: number; at: number }>(Prisma.sql`
    SELECT m.access_url_id AS "accessUrlId", ${asMs('max(j.at)')} AS at
    FROM conference_meeting m, LATERAL (SELECT max(e.received_at) AS at FROM conference_event e WHERE e.meeting_id = m.id) AS j
    WHERE m.emptied_at IS NULL AND j.at IS NOT NULL
    GROUP BY m.access_url_id`);
  return new Map(rows.map(({ accessUrlId, at }) => [accessUrlId, at]));
}

/** How much was written of late. */
export interface WriteLoad {
  /** Transactions that wrote events: events of one transaction arrive at one time, which is exact to the ms. */
  readonly transactions: number;
  readonly events: number;
}

/** What was written in the last 60 seconds. */
export async function writeLoad(store: Store): Promise<WriteLoad> {
  const [row] = await store.statements.query<WriteLoad>(Prisma.sql`
    SELECT count(DISTINCT j.received_at)::int AS transactions, count(*)::int AS events
    FROM conference_meeting m, LATERAL (
      SELECT e.received_at FROM conference_event e
      WHERE e.meeting_id = m.id AND e.received_at > now() - interval '60 seconds'
    ) AS j
    WHERE m.emptied_at IS NULL`);
  return row ?? { transactions: 0, events: 0 };
}
