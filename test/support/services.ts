import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** The run's Redis; use it with a prefix of one's own, from {@link ownPrefix}. */
export function redisUrl(): string {
  return inject('redisUrl');
}

export function ownPrefix(): string {
  return `t${randomBytes(6).toString('hex')}`;
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database of the test's own on the run's PostgreSQL. */
export function createDatabase(): Promise<TestDatabase> {
  return create('template1');
}

/** The same with the product's tables, as the migrations make them: a copy of one that the run has migrated. */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return create(inject('migratedTemplate'));
}

async function create(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
