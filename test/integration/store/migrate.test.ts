import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@bbb-activity/store/client';
import { migrate } from '@bbb-activity/store/migrate';
import { prismaFolder, readMigrations } from '@bbb-activity/store/migrations-folder';
import { withSchemaEngine } from '@bbb-activity/store/schema-engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/services.js';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'bbb-activity-migrations-'));
  await cp(join(prismaFolder(), 'migrations'), folder, { recursive: true });
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function addMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'migration.sql'), sql);
}

describe('migrate', () => {
  it('applies what is missing, once, also when several processes start together', async () => {
    const { migrationDirectories } = await readMigrations(folder);
    const names = migrationDirectories.map((directory) => directory.path);
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url)));
    expect(applied.flat().sort()).toEqual(names.sort());
    expect(await migrate(database.url)).toEqual([]);
    await addMigration('99990101000000_more', 'CREATE TABLE more (id int);');
    expect(await migrate(database.url, { migrationsFolder: folder })).toEqual(['99990101000000_more']);
  });

  it('records migrations as Prisma itself does', async () => {
    await migrate(database.url);
    const store = openStore({ databaseUrl: database.url, maxConnections: 1 });
    const rows = await store.prisma.$queryRaw<object[]>`
      SELECT migration_name, length(checksum) AS checksum, finished_at IS NOT NULL AS finished, applied_steps_count
      FROM _prisma_migrations ORDER BY migration_name`;
    await store.close();
    expect(rows[0]).toEqual({ migration_name: '20261123000000_initial', checksum: 64, finished: true, applied_steps_count: 1 });
  });

  it('says which migration failed, and refuses to go on until that is resolved', async () => {
    await addMigration('99990101000000_broken', 'CREATE TABLE broken (id no_such_type);');
    const broken = { code: 'migration_failed', message: expect.stringContaining('99990101000000_broken') };
    await expect(migrate(database.url, { migrationsFolder: folder })).rejects.toMatchObject(broken);
    await expect(migrate(database.url, { migrationsFolder: folder })).rejects.toMatchObject(broken);
  });

  it('says that the database cannot be reached', async () => {
    await expect(migrate('postgresql://nobody@127.0.0.1:1/none')).rejects.toMatchObject({ code: 'database_unreachable' });
  });
});

describe('migrations and schema', () => {
  /** What `schema` has beyond the migrations, by Prisma's own comparison on an empty shadow database. */
  const difference = (schema: string) =>
    withSchemaEngine(database.url, async (engine) =>
      engine.diff({
        from: { tag: 'migrations', ...(await readMigrations(folder)) },
        to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
        script: true,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      }),
    );

  it('agree', async () => {
    const schema = await readFile(join(prismaFolder(), 'schema.prisma'), 'utf8');
    expect(await difference(schema)).toEqual({ exitCode: 0, stdout: expect.stringContaining('empty migration') });
  });

  it.each([
    ['a column', 'title              String?', 'title              String'],
    ['a partial index', 'where: { close: false }', 'where: { close: true }'],
    ['a unique constraint', '@@unique([meetingId, personKey])', '@@index([meetingId, personKey])'],
  ])('are seen to differ in %s', async (_what, from, to) => {
    const schema = await readFile(join(prismaFolder(), 'schema.prisma'), 'utf8');
    const changed = schema.replace(from, to);
    expect(changed).not.toBe(schema);
    expect(await difference(changed)).toMatchObject({ exitCode: 2 });
  });
});
