import { join } from 'node:path';
import type { Store } from './client.js';
import { blameOf } from './errors.js';
import { Prisma } from './generated/client.js';
import { prismaFolder, readMigrations } from './migrations-folder.js';

/** The database cannot be used now; the message says what to do. */
export class DatabaseNotReadyError extends Error {
  readonly code: 'database_unreachable' | 'database_not_migrated';

  constructor(code: 'database_unreachable' | 'database_not_migrated', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Resolves where the database answers and has every migration of this version; a newer database is fine, it understands this version too.
 *
 * @throws DatabaseNotReadyError
 */
export async function checkDatabase(store: Store): Promise<void> {
  const needed = (await readMigrations(join(prismaFolder(), 'migrations'))).migrationDirectories.map(({ path }) => path);
  const applied = await appliedMigrations(store);
  const missing = needed.filter((name) => !applied.has(name));
  if (missing.length > 0) {
    throw new DatabaseNotReadyError(
      'database_not_migrated',
      `DATABASE_URL: the database lacks ${missing.length} migrations: run "npm run migrate"`,
    );
  }
}

async function appliedMigrations(store: Store): Promise<ReadonlySet<string>> {
  try {
    const [table] = await store.statements.query<{ found: boolean }>(Prisma.sql`
      SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`);
    if (table?.found !== true) return new Set();
    const rows = await store.statements.query<{ name: string }>(Prisma.sql`
      SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`);
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    if (blameOf(error) !== 'database') throw error;
    throw new DatabaseNotReadyError('database_unreachable', 'DATABASE_URL: the database cannot be reached', { cause: error });
  }
}
