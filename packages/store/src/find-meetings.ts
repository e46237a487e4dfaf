import type { Store } from './client.js';
import { Prisma } from './generated/client.js';

/** An occurrence that an operator may have named, and by which of its ids. */
export interface NamedMeeting {
  readonly id: string;
  readonly accessUrlId: number;
  readonly internalId: string | null;
  readonly remoteId: string | null;
  readonly byId: boolean;
  readonly byInternalId: boolean;
  /** By the external id of its room, which all occurrences of the room have. */
  readonly byRemoteId: boolean;
}

/**
 * The occurrences that have a text as one of the ids that the read API tells: `id`, `internalMeetingId` or `remoteId`; sorted by id.
 *
 * @param accessUrlId null for those of all access URLs
 */
export async function findNamedMeetings(store: Store, text: string, accessUrlId: number | null): Promise<NamedMeeting[]> {
  const id = /^[1-9]\d{0,17}$/.test(text) ? text : null;
  return store.statements.query<NamedMeeting>(Prisma.sql`
    SELECT m.id::text AS id, m.access_url_id AS "accessUrlId", m.internal_meeting_id AS "internalId", m.remote_id AS "remoteId",
      COALESCE(m.id = ${id}::bigint, false) AS "byId",
      COALESCE(m.internal_meeting_id = ${text}, false) AS "byInternalId",
      COALESCE(m.remote_id = ${text}, false) AS "byRemoteId"
    FROM conference_meeting m
    WHERE (m.id = ${id}::bigint OR m.internal_meeting_id = ${text} OR m.remote_id = ${text})
      AND (${accessUrlId}::int IS NULL OR m.access_url_id = ${accessUrlId}::int)
    ORDER BY m.id`);
}
