import { join } from 'node:path';
import pg from 'pg';
import { prismaFolder, readMigrations } from './migrations-folder.js';
import { withSchemaEngine } from './schema-engine.js';

/** Any fixed number: whoever migrates this product's database takes the same one. */
const MIGRATION_LOCK = 0x62_62_62_61;

export type MigrationErrorCode = 'database_unreachable' | 'migration_failed';

/** The database could not be brought to the present schema; the message says why. */
export class MigrationError extends Error {
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface MigrateOptions {
  /** Another folder of migrations than the product's own. */
  readonly migrationsFolder?: string;
}

/**
 * Brings the database to the present schema with the migrations in `prisma/migrations`, recorded in `_prisma_migrations` as
 * `prisma migrate deploy` does it: either may be used after the other. Safe when several processes start at once.
 *
 * @returns the names of the migrations applied now.
 * @throws MigrationError
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.migrationsFolder ?? join(prismaFolder(), 'migrations'));
  const client = await connect(databaseUrl);
  try {
    // A session's lock: it goes with the connection, also when this process dies.
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied = await withSchemaEngine(databaseUrl, (engine) =>
      engine.applyMigrations({ migrationsList: migrations, filters: { externalTables: [], externalEnums: [] } }),
    );
    return applied.appliedMigrationNames;
  } catch (error) {
    throw new MigrationError('migration_failed', `the database could not be migrated: ${messageOf(error)}`, error);
  } finally {
    await client.end();
  }
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl });
  // Between two statements; the next one fails by it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new MigrationError('database_unreachable', `the database cannot be reached: ${messageOf(error)}`, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
