import type { Store } from './client.js';
import type { UserRole } from './dashboard-users.js';
import { Prisma } from './generated/client.js';
import { bytesOf } from './rows.js';

/** A bearer token of the API; the token itself is kept nowhere. */
export interface ApiToken {
  readonly name: string;
  /** `viewer` may only read. */
  readonly role: UserRole;
  /** The only access URL that may be read; null: all. */
  readonly accessUrlId: number | null;
}

/** False where there is a token of this name. */
export async function addApiToken(store: Store, token: ApiToken, hash: Buffer): Promise<boolean> {
  const added = await store.statements.execute(Prisma.sql`
    INSERT INTO api_token (name, token_hash, role, access_url_id)
    VALUES (${token.name}, ${bytesOf(hash.toString('hex'))}::bytea, ${token.role}, ${token.accessUrlId})
    ON CONFLICT (name) DO NOTHING`);
  return added === 1;
}

/** The token of this hash, and a note that it was used today; null where there is none. */
export async function useApiToken(store: Store, hash: Buffer): Promise<ApiToken | null> {
  const [token] = await store.statements.query<ApiToken & { id: string; noted: boolean }>(Prisma.sql`
    SELECT t.id::text AS id, t.name, t.role, t.access_url_id AS "accessUrlId",
      COALESCE(t.used_at > now() - interval '1 day', false) AS noted
    FROM api_token t WHERE t.token_hash = ${bytesOf(hash.toString('hex'))}::bytea`);
  if (token === undefined) return null;
  if (!token.noted)
    await store.statements.execute(Prisma.sql`UPDATE api_token SET used_at = now() WHERE id = ${token.id}::bigint`);
  return { name: token.name, role: token.role, accessUrlId: token.accessUrlId };
}

/** By name. */
export function listApiTokens(store: Store): Promise<(ApiToken & { readonly createdAt: Date; readonly usedAt: Date | null })[]> {
  return store.statements.query(Prisma.sql`
    SELECT t.name, t.role, t.access_url_id AS "accessUrlId", t.created_at AS "createdAt", t.used_at AS "usedAt"
    FROM api_token t ORDER BY t.name`);
}

/** False where there is none of this name. */
export async function revokeApiToken(store: Store, name: string): Promise<boolean> {
  return (await store.statements.execute(Prisma.sql`DELETE FROM api_token WHERE name = ${name}`)) === 1;
}
