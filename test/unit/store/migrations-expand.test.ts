import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations/', import.meta.url));

/** What a process of the version before could not live with (docs/operations.md, "Upgrade"). */
const BREAKING: readonly (readonly [string, RegExp])[] = [
  ['a table that is dropped', /\bDROP\s+TABLE\b/i],
  ['a column that is dropped', /\bDROP\s+COLUMN\b/i],
  ['something that is renamed', /\bRENAME\b/i],
  ['a column of another type', /\bALTER\s+COLUMN\s+\S+\s+(?:SET\s+DATA\s+)?TYPE\b/i],
  ['a column that must be told now', /\bALTER\s+COLUMN\s+\S+\s+SET\s+NOT\s+NULL\b/i],
  ['a default that is gone', /\bALTER\s+COLUMN\s+\S+\s+DROP\s+DEFAULT\b/i],
  [
    'a new column that must be told',
    /\bADD\s+COLUMN\s+(?:(?!\bADD\s+COLUMN\b|;|,\s*\n)[\s\S])*\bNOT\s+NULL\b(?:(?!\bDEFAULT\b|;|,)[\s\S])*(?:;|,|$)/i,
  ],
];

/** A migration that removes what no process uses any more begins with this line, and tells since which version. */
const CONTRACT = /^-- contract: unused since /m;

describe('the migrations', () => {
  it('only add, so that the version before lives with them, but for those that say that nothing uses what they remove', async () => {
    const names = (await readdir(MIGRATIONS)).filter((name) => /^\d/.test(name)).toSorted();
    expect(names.length).toBeGreaterThan(5);
    const found: string[] = [];
    // The first one makes everything: there is no version before it.
    for (const name of names.slice(1)) {
      const sql = await readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8');
      if (!CONTRACT.test(sql)) found.push(...breaking(sql).map((what) => `${name}: ${what}`));
    }
    expect(found).toEqual([]);
  });

  it.each([
    'DROP TABLE participant;',
    'ALTER TABLE a DROP COLUMN b;',
    'ALTER TABLE a RENAME COLUMN b TO c;',
    'ALTER TABLE a ALTER COLUMN b SET DATA TYPE bigint;',
    'ALTER TABLE a ALTER COLUMN b SET NOT NULL;',
    'ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL;',
    'ALTER TABLE "a" ADD COLUMN "c" TEXT,\nADD COLUMN "b" TEXT NOT NULL;',
  ])('that break it are found: %s', (sql) => {
    expect(breaking(sql)).not.toEqual([]);
  });

  it.each([
    'ALTER TABLE "a" ADD COLUMN "b" INTEGER NOT NULL DEFAULT 0;',
    'ALTER TABLE a ADD COLUMN b TEXT;',
    'CREATE TABLE a (b TEXT NOT NULL);',
  ])('that only add are not: %s', (sql) => {
    expect(breaking(sql)).toEqual([]);
  });
});

function breaking(sql: string): string[] {
  const plain = sql.replace(/--.*$/gm, '');
  return BREAKING.filter(([, pattern]) => pattern.test(plain)).map(([what]) => what);
}
