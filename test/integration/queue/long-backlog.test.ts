import type { QueueBackend } from '@bbb-activity/queue/backend';
import { connectBackend } from '@bbb-activity/queue/backend';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { NEXT_WAITING, REMOVE_WAITING } from '@bbb-activity/queue/postgres-statements';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startRedisServer } from '../../support/redis-server.js';
import { createDatabase, ownPrefix } from '../../support/services.js';
import { type Item, items } from './stores.js';

const SHORT = 1_000;
const LONG = 40_000;
const TAKEN = 100;
/** Reading and removing from the wrong end costs as much as the backlog is long: 40 times as much here. */
const AT_MOST_TIMES = 6;

describe('taking jobs along from a long backlog', () => {
  it('costs Redis no more than from a short one', async () => {
    const server = await startRedisServer({ appendfsync: 'no' });
    const redis = new Redis(server.url);
    const prefix = ownPrefix();
    const backend = await connectBackend({ kind: 'redis', url: server.url, prefix });
    const publisher = await PartitionPublisher.open<Item>(backend, { partitions: 1 });
    await publisher.publish(items(0, 1));
    await publisher.close();
    try {
      const grow = (to: number) => redis.eval(GROW, 0, `${prefix}:activity-0:`, to);
      await grow(SHORT);
      const short = await scriptTime(redis, backend);
      await grow(LONG);
      expect(await scriptTime(redis, backend)).toBeLessThan(AT_MOST_TIMES * short);
    } finally {
      await backend.close();
      redis.disconnect();
      await server.stop();
    }
  });

  it('reads no more of PostgreSQL than from a short one', async () => {
    const database = await createDatabase();
    const backend = await connectBackend({ kind: 'postgres', url: database.url, prefix: 'p' });
    const publisher = await PartitionPublisher.open<Item>(backend, { partitions: 1 });
    await publisher.publish(items(0, 1));
    await publisher.close();
    const client = new pg.Client({ connectionString: database.url, options: '-c search_path=p_queue' });
    await client.connect();
    try {
      const grow = async (to: number) => {
        await client.query(
          `INSERT INTO job (queue, id, seq, name, state, data, opts, max_attempts, added_at_ms)
           SELECT queue, id || '-' || n, nextval('job_seq'), name, state, data, opts, max_attempts, added_at_ms
           FROM (SELECT * FROM job ORDER BY seq LIMIT 1) AS one, generate_series((SELECT count(*) FROM job) + 1, $1) AS n`,
          [to],
        );
        await client.query('VACUUM ANALYZE job');
      };
      await grow(SHORT);
      const short = await blocksRead(client, backend);
      await grow(LONG);
      const long = await blocksRead(client, backend);
      expect(long.next).toBeLessThan(AT_MOST_TIMES * short.next);
      expect(long.remove).toBeLessThan(AT_MOST_TIMES * short.remove);
    } finally {
      await client.end();
      await backend.close();
      await database.drop();
    }
  });
});

/** ARGV prefix of job keys, how many shall wait: copies of the oldest. */
const GROW = `
local wait = ARGV[1] .. 'wait'
local job = redis.call('HGETALL', ARGV[1] .. redis.call('LINDEX', wait, -1))
for n = redis.call('LLEN', wait) + 1, tonumber(ARGV[2]) do
  redis.call('HSET', ARGV[1] .. 'copy-' .. n, unpack(job))
  redis.call('LPUSH', wait, 'copy-' .. n)
end`;

/** Time that Redis itself spends in the scripts of ten rounds, in µs. */
async function scriptTime(redis: Redis, backend: QueueBackend): Promise<number> {
  await redis.config('RESETSTAT');
  for (let round = 0; round < 5; round += 1) {
    const jobs = await backend.nextWaiting('activity-0', TAKEN);
    expect(jobs).toHaveLength(TAKEN);
    expect(await backend.removeWaiting('activity-0', [...jobs.map(({ id }) => id), 'gone'])).toBe(TAKEN);
  }
  const stats = await redis.info('commandstats');
  // By their text where Redis did not know them yet, else by their ids.
  const times = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=\d+,usec=(\d+)/g)].map(([, usec]) => Number(usec));
  expect(times).not.toEqual([]);
  return times.reduce((sum, usec) => sum + usec, 0);
}

async function blocksRead(client: pg.Client, backend: QueueBackend): Promise<{ next: number; remove: number }> {
  const ids = (await backend.nextWaiting('activity-0', TAKEN)).map(({ id }) => id);
  expect(ids).toHaveLength(TAKEN);
  return {
    next: await blocksOf(client, NEXT_WAITING, ['activity-0', TAKEN]),
    remove: await blocksOf(client, REMOVE_WAITING, ['activity-0', ids]),
  };
}

async function blocksOf(client: pg.Client, statement: string, parameters: unknown[]): Promise<number> {
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`, parameters);
  const plan = (rows as { 'QUERY PLAN': { Plan: Record<string, number> }[] }[])[0]?.['QUERY PLAN'][0]?.Plan ?? {};
  return (plan['Shared Hit Blocks'] ?? Number.NaN) + (plan['Shared Read Blocks'] ?? 0);
}
