import type { Store } from './client.js';
import { Prisma } from './generated/client.js';

/** A meeting that goes on as far as is known, and that was not heard of for a while. */
export interface StaleMeeting {
  readonly id: string;
  readonly accessUrlId: number;
  /** The conference system that it runs on, as the modern endpoint told it; `bbb` where it told nothing. */
  readonly provider: string;
  /** External meeting id: the room. Null while no event told it. */
  readonly remoteId: string | null;
  /** Whether somebody is in a later occurrence of its room, or was: a BBB server runs one at a time. */
  readonly superseded: boolean;
  /** Whether nothing arrived for the time of silence. */
  readonly silent: boolean;
}

export interface StaleOptions {
  /** Nothing of the meeting may have arrived for this long, in ms. */
  readonly quietMs: number;
  /** After this long a meeting is silent, in ms; null where none ever is. */
  readonly silenceMs: number | null;
  /** Id of the last meeting of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * Meetings that may have ended unheard, by id: known, neither ended nor marked nor sealed, and quiet. Of flat occurrences, which nothing
 * ends for good, those in which a session is open (docs/metrics.md, "Presumed end"). Goes by the time of arrival and the database's clock.
 *
 * A later occurrence supersedes one only where it has a session: one that was made by news of an old recording has none.
 */
export async function findStaleMeetings(store: Store, options: StaleOptions): Promise<StaleMeeting[]> {
  const { quietMs, silenceMs, after = '0', limit } = options;
  const isOpen = Prisma.sql`m.known AND m.presumed_end IS NULL AND m.sealed_at IS NULL AND m.id > ${after}::bigint`;
  return store.statements.query<StaleMeeting>(Prisma.sql`
    WITH unended AS (
      SELECT m.id FROM conference_meeting m WHERE m.internal_meeting_id IS NOT NULL AND m.ended_at IS NULL AND ${isOpen}
      UNION ALL
      SELECT m.id
      FROM (SELECT DISTINCT meeting_id FROM conference_activity WHERE close = false AND ordinal IS NOT NULL) AS inside
      JOIN conference_meeting m ON m.id = inside.meeting_id
      WHERE m.internal_meeting_id IS NULL AND ${isOpen}
    )
    SELECT m.id::text AS id, m.access_url_id AS "accessUrlId", m.provider, m.remote_id AS "remoteId",
      m.internal_meeting_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM conference_meeting later
        WHERE later.access_url_id = m.access_url_id AND later.remote_id = m.remote_id AND later.provider = m.provider
          AND later.internal_meeting_id IS NOT NULL AND later.created_at > m.created_at
          AND EXISTS (SELECT 1 FROM conference_activity a WHERE a.meeting_id = later.id AND a.ordinal IS NOT NULL)
      ) AS superseded,
      COALESCE(last.heard <= ${ago(silenceMs)}, false) AS silent
    FROM unended
    JOIN conference_meeting m ON m.id = unended.id
    CROSS JOIN LATERAL (SELECT max(e.received_at) AS heard FROM conference_event e WHERE e.meeting_id = m.id) AS last
    WHERE last.heard <= ${ago(quietMs)}
    ORDER BY m.id
    LIMIT ${limit}`);
}

function ago(ms: number | null): Prisma.Sql {
  return ms === null ? Prisma.sql`NULL::timestamptz` : Prisma.sql`now() - make_interval(secs => ${ms / 1_000}::float8)`;
}
