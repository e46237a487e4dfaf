import type { Store } from './client.js';
import type { UserRole } from './dashboard-users.js';
import { Prisma } from './generated/client.js';
import { bytesOf } from './rows.js';
import { arrayOf } from './rows-as.js';
import { isoTime } from './statements.js';

/** Who a session is of: a user, or whoever came by a signed link to one meeting. */
export type SessionOwner =
  | { readonly kind: 'user'; readonly name: string; readonly role: UserRole; readonly accessUrlId: number | null }
  | { readonly kind: 'link'; readonly meetingId: string };

/**
 * Keeps a session until `expiresAt` (unix ms), and drops those that are over.
 *
 * @param idHash of the id, which is kept nowhere
 */
export async function addSession(
  store: Store,
  idHash: Buffer,
  of: { readonly userId: string } | { readonly meetingId: string },
  expiresAt: number,
): Promise<void> {
  await store.statements.execute(Prisma.sql`DELETE FROM dashboard_session WHERE expires_at <= now()`);
  await store.statements.execute(Prisma.sql`
    INSERT INTO dashboard_session (id_hash, user_id, meeting_id, expires_at)
    VALUES (${hashOf(idHash)}, ${'userId' in of ? of.userId : null}::bigint, ${'meetingId' in of ? of.meetingId : null}::bigint,
      ${isoTime(expiresAt)}::timestamptz)`);
}

/** Whose session it is, as they are now; null where there is none, or it is over. */
export async function findSession(store: Store, idHash: Buffer): Promise<SessionOwner | null> {
  const [row] = await store.statements.query<{
    meetingId: string | null;
    name: string | null;
    role: UserRole;
    accessUrlId: number | null;
  }>(Prisma.sql`
    SELECT s.meeting_id::text AS "meetingId", u.name, u.role, u.access_url_id AS "accessUrlId"
    FROM dashboard_session s LEFT JOIN dashboard_user u ON u.id = s.user_id
    WHERE s.id_hash = ${hashOf(idHash)} AND s.expires_at > now()`);
  if (row === undefined) return null;
  if (row.name !== null) return { kind: 'user', name: row.name, role: row.role, accessUrlId: row.accessUrlId };
  return row.meetingId === null ? null : { kind: 'link', meetingId: row.meetingId };
}

/** Ends a session. */
export async function endSession(store: Store, idHash: Buffer): Promise<void> {
  await store.statements.execute(Prisma.sql`DELETE FROM dashboard_session WHERE id_hash = ${hashOf(idHash)}`);
}

/**
 * The meeting that a link names, by its internal id, else by its room: the newest run of it. Null where there is none that is known.
 */
export async function linkedMeeting(store: Store, accessUrlId: number, meetingId: string): Promise<string | null> {
  const keys = arrayOf([`i:${meetingId}`, `x:${meetingId}`], 'text');
  const [row] = await store.statements.query<{ id: string }>(Prisma.sql`
    SELECT m.id::text AS id FROM conference_meeting m
    WHERE m.access_url_id = ${accessUrlId} AND m.known
      AND (m.occurrence_key = ANY(${keys}) OR m.remote_id = ${meetingId})
    ORDER BY m.internal_meeting_id = ${meetingId} DESC NULLS LAST, m.internal_meeting_id IS NOT NULL DESC, m.created_at DESC, m.id DESC
    LIMIT 1`);
  return row?.id ?? null;
}

function hashOf(hash: Buffer): Prisma.Sql {
  return Prisma.sql`${bytesOf(hash.toString('hex'))}::bytea`;
}
