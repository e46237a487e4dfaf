import { fileURLToPath } from 'node:url';
import { migrate } from '@bbb-activity/store/migrate';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/services.js';
import { dumpSchema } from './dump-schema.js';

const GOLDEN = fileURLToPath(new URL('../../../prisma/schema.sql', import.meta.url));

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  await migrate(database.url);
});
afterAll(() => database.drop());

/** The schema after a statement that is taken back. */
async function dumpAfter(statement: string, undo: string): Promise<string> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(statement);
    const dump = await dumpSchema(database.url);
    await client.query(undo);
    return dump;
  } finally {
    await client.end();
  }
}

describe('the schema that the migrations make', () => {
  it('is the one in prisma/schema.sql', async () => {
    await expect(
      await dumpSchema(database.url),
      'The migrations make another schema than prisma/schema.sql tells. If that is meant, run `npm run schema:dump` and commit the file.',
    ).toMatchFileSnapshot(GOLDEN);
  });

  it.each([
    ['a column', 'ALTER TABLE participant ADD COLUMN more int', 'ALTER TABLE participant DROP COLUMN more'],
    [
      'a default',
      `ALTER TABLE conference_meeting ALTER status SET DEFAULT 'x'`,
      `ALTER TABLE conference_meeting ALTER status SET DEFAULT 'running'`,
    ],
    ['NOT NULL', 'ALTER TABLE participant ALTER state DROP NOT NULL', 'ALTER TABLE participant ALTER state SET NOT NULL'],
    ['an index', 'CREATE INDEX more ON participant (name)', 'DROP INDEX more'],
    [
      'a constraint',
      'ALTER TABLE participant ADD CONSTRAINT more CHECK (id > 0)',
      'ALTER TABLE participant DROP CONSTRAINT more',
    ],
    ['a storage option', 'ALTER TABLE participant SET (fillfactor = 60)', 'ALTER TABLE participant SET (fillfactor = 70)'],
    ['a function', 'CREATE FUNCTION more() RETURNS int LANGUAGE sql AS $$SELECT 1$$', 'DROP FUNCTION more()'],
    ['a view', 'CREATE VIEW more AS SELECT 1 AS one', 'DROP VIEW more'],
    ['a type', `CREATE TYPE more AS ENUM ('a')`, 'DROP TYPE more'],
  ])('is seen to change in %s', async (_what, statement, undo) => {
    const before = await dumpSchema(database.url);
    expect(await dumpAfter(statement, undo)).not.toBe(before);
    expect(await dumpSchema(database.url)).toBe(before);
  });
});
