import type { Store } from './client.js';
import { Prisma } from './generated/client.js';

export type UserRole = 'admin' | 'viewer';

/** Somebody who may log in. */
export interface DashboardUser {
  readonly id: string;
  /** In lower case. */
  readonly name: string;
  readonly role: UserRole;
  /** The only access URL that may be read; null: all. */
  readonly accessUrlId: number | null;
}

export interface NewDashboardUser extends Omit<DashboardUser, 'id'> {
  readonly passwordHash: string;
}

/** As names are kept and compared. */
export function userName(name: string): string {
  return name.trim().toLowerCase();
}

/** The user of this name with the hash of the password; null where there is none. */
export async function findUser(store: Store, name: string): Promise<(DashboardUser & { readonly passwordHash: string }) | null> {
  const [user] = await store.statements.query<DashboardUser & { passwordHash: string }>(Prisma.sql`
    SELECT u.id::text AS id, u.name, u.role, u.access_url_id AS "accessUrlId", u.password_hash AS "passwordHash"
    FROM dashboard_user u WHERE u.name = ${userName(name)}`);
  return user ?? null;
}

/** By name. */
export function listUsers(store: Store): Promise<(DashboardUser & { readonly createdAt: Date })[]> {
  return store.statements.query(Prisma.sql`
    SELECT u.id::text AS id, u.name, u.role, u.access_url_id AS "accessUrlId", u.created_at AS "createdAt"
    FROM dashboard_user u ORDER BY u.name`);
}

/** False where there is a user of this name. */
export async function addUser(store: Store, user: NewDashboardUser): Promise<boolean> {
  const added = await store.statements.execute(Prisma.sql`
    INSERT INTO dashboard_user (name, password_hash, role, access_url_id)
    VALUES (${userName(user.name)}, ${user.passwordHash}, ${user.role}, ${user.accessUrlId})
    ON CONFLICT (name) DO NOTHING`);
  return added === 1;
}

/** Adds the very first user; false where there is any. */
export async function addFirstUser(store: Store, user: NewDashboardUser): Promise<boolean> {
  const added = await store.statements.execute(Prisma.sql`
    INSERT INTO dashboard_user (name, password_hash, role, access_url_id)
    SELECT ${userName(user.name)}::text, ${user.passwordHash}::text, ${user.role}::text, ${user.accessUrlId}::int
    WHERE NOT EXISTS (SELECT 1 FROM dashboard_user)
    ON CONFLICT (name) DO NOTHING`);
  return added === 1;
}

/** Whether anybody may log in. */
export async function hasUsers(store: Store): Promise<boolean> {
  const [row] = await store.statements.query<{ found: boolean }>(
    Prisma.sql`SELECT EXISTS (SELECT 1 FROM dashboard_user) AS found`,
  );
  return row?.found === true;
}

/** Changes the password and logs the user out everywhere; false where there is no such user. */
export async function changePassword(store: Store, name: string, passwordHash: string): Promise<boolean> {
  const changed = await store.statements.execute(Prisma.sql`
    WITH changed AS (
      UPDATE dashboard_user SET password_hash = ${passwordHash} WHERE name = ${userName(name)} RETURNING id
    ), ended AS (
      DELETE FROM dashboard_session s USING changed c WHERE s.user_id = c.id
    )
    SELECT id FROM changed`);
  return changed === 1;
}

/** Removes a user, who is logged out by it; false where there is no such user. */
export async function removeUser(store: Store, name: string): Promise<boolean> {
  return (await store.statements.execute(Prisma.sql`DELETE FROM dashboard_user WHERE name = ${userName(name)}`)) === 1;
}
