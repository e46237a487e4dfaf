import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { byNameAndId } from './people-queries.js';
import { rowsAs } from './rows-as.js';
import { asMs, type Statements } from './statements.js';
import { inTransaction } from './transaction.js';

/** Somebody who is expected in a room. */
export interface RosterEntry {
  /** The learning platform's user id. */
  readonly externalUserId: string;
  readonly name: string | null;
}

/** The people who are expected in a room. */
export interface Roster {
  readonly accessUrlId: number;
  readonly remoteId: string;
  /** Unix ms. */
  readonly updatedAt: number;
  /** By name. */
  readonly people: readonly RosterEntry[];
}

/** The roster of a room; null where it has none. */
export async function readRoster(store: Store, accessUrlId: number, remoteId: string): Promise<Roster | null> {
  const rows = await store.statements.query<{ updatedAt: number; externalUserId: string | null; name: string | null }>(Prisma.sql`
    SELECT ${asMs('r.updated_at')} AS "updatedAt", p.external_user_id AS "externalUserId", p.name
    FROM roster r LEFT JOIN roster_person p ON p.access_url_id = r.access_url_id AND p.remote_id = r.remote_id
    WHERE r.access_url_id = ${accessUrlId} AND r.remote_id = ${remoteId}`);
  const [first] = rows;
  if (first === undefined) return null;
  const people = rows.flatMap(({ externalUserId, name }) => (externalUserId === null ? [] : [{ externalUserId, name }]));
  return { accessUrlId, remoteId, updatedAt: first.updatedAt, people: people.sort(byNameAndId) };
}

/** Puts a roster in the place of the one that there was. Of a person who is named twice the last naming counts. */
export async function putRoster(
  store: Store,
  accessUrlId: number,
  remoteId: string,
  people: readonly RosterEntry[],
): Promise<void> {
  const unique = [...new Map(people.map((one) => [one.externalUserId, one])).values()];
  await inTransaction(store, async (db) => {
    // Whoever puts the same roster meanwhile waits here.
    await db.execute(Prisma.sql`
      INSERT INTO roster (access_url_id, remote_id, updated_at) VALUES (${accessUrlId}, ${remoteId}, now())
      ON CONFLICT (access_url_id, remote_id) DO UPDATE SET updated_at = now()`);
    await db.execute(Prisma.sql`
      DELETE FROM roster_person WHERE access_url_id = ${accessUrlId} AND remote_id = ${remoteId}`);
    if (unique.length === 0) return;
    await db.execute(Prisma.sql`
      INSERT INTO roster_person (access_url_id, remote_id, external_user_id, name)
      SELECT ${accessUrlId}::int, ${remoteId}::text, n."externalUserId", n.name
      FROM ${rowsAs('n', { externalUserId: 'text', name: 'text' }, unique)}`);
  });
}

/** False where there was none. */
export async function deleteRoster(store: Store, accessUrlId: number, remoteId: string): Promise<boolean> {
  const deleted = await store.statements.execute(Prisma.sql`
    DELETE FROM roster WHERE access_url_id = ${accessUrlId} AND remote_id = ${remoteId}`);
  return deleted > 0;
}

/** Takes a person off all rosters of an access URL; gives off how many. */
export async function takeOffRosters(db: Statements, accessUrlId: number, userId: string): Promise<number> {
  return db.execute(Prisma.sql`
    DELETE FROM roster_person WHERE access_url_id = ${accessUrlId} AND external_user_id = ${userId}`);
}

/** A person's entries on rosters: the name of each, and the whole of it as a JSON text. */
export async function rosterEntriesOf(
  db: Statements,
  accessUrlId: number,
  userId: string,
): Promise<{ name: string | null; json: string }[]> {
  return db.query(Prisma.sql`
    SELECT p.name, to_jsonb(p)::text AS json FROM roster_person p
    WHERE p.access_url_id = ${accessUrlId} AND p.external_user_id = ${userId} ORDER BY p.remote_id`);
}
