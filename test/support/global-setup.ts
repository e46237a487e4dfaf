import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@bbb-activity/app-standalone/embedded-postgres';
import type { TestProject } from 'vitest/node';
import { startRedisServer } from './redis-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    redisUrl: string;
  }
}

/** One real PostgreSQL and one real Redis a run; each test file makes a database and a queue prefix of its own in them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bbb-activity-postgres-'));
  const [postgres, redis] = await Promise.all([
    startEmbeddedPostgres({
      dataDir: join(dataDir, 'cluster'),
      password: randomBytes(12).toString('hex'),
      settings: { max_connections: '300' },
    }),
    startRedisServer(),
  ]);
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  };
}
