import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@bbb-activity/app-standalone/embedded-postgres';
import { migrate } from '@bbb-activity/store/migrate';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startRedisServer } from './redis-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    redisUrl: string;
    /** Name of a database with the product's tables, to be copied. */
    migratedTemplate: string;
  }
}

const TEMPLATE = 'migrated';

/** One real PostgreSQL and one real Redis a run; each test file makes a database and a queue prefix of its own in them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bbb-activity-postgres-'));
  const [postgres, redis] = await Promise.all([
    startEmbeddedPostgres({
      dataDir: join(dataDir, 'cluster'),
      password: randomBytes(12).toString('hex'),
      // Many databases come and go, and the server itself is never killed: nothing needs to reach the disk.
      settings: { max_connections: '300', fsync: 'off', full_page_writes: 'off' },
    }),
    startRedisServer(),
  ]);
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  await migrateTemplate(postgres.url);
  project.provide('migratedTemplate', TEMPLATE);
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  };
}

/** Migrating takes about a second, copying what was migrated a tenth of it. */
async function migrateTemplate(postgresUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  const url = new URL(postgresUrl);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href);
}
