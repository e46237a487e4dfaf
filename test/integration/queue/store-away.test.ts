import { freePort } from '@bbb-activity/app-standalone/free-port';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { QueueUnavailableError, UnsafeRedisError } from '@bbb-activity/queue/errors';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRedisServer } from '../../support/redis-server.js';
import { createDatabase, ownPrefix, redisUrl } from '../../support/services.js';
import { until } from '../../support/until.js';
import { BreakableLink } from './breakable-link.js';
import { firstSeen, type Item, items, KINDS, numbers, TestStore } from './stores.js';

const TIMEOUT_MS = 500;
/** Room for a busy machine: what matters is that it is not for ever. */
const IN_TIME_MS = 3_000;

describe.each(KINDS)('with %s away', (kind) => {
  let store: TestStore;
  let link: BreakableLink;
  const lines: string[] = [];
  const note = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const log = { info: note, warn: note, error: note };

  beforeEach(async () => {
    lines.length = 0;
    const direct = await TestStore.create(kind);
    const broken = await BreakableLink.to(direct.options.url);
    link = broken.link;
    store = direct.through(broken.url);
    store.onClose(() => link.cut());
  });
  afterEach(async () => {
    await link.mend();
    await store.close();
  });

  async function rejection(publisher: PartitionPublisher<Item>): Promise<{ error: unknown; tookMs: number }> {
    const start = performance.now();
    const error = await publisher.publish(items(0, 1)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { error, tookMs: performance.now() - start };
  }

  async function openPublisher(): Promise<PartitionPublisher<Item>> {
    const backend = await store.connect(log);
    const publisher = await PartitionPublisher.open<Item>(backend, { partitions: 1, timeoutMs: TIMEOUT_MS });
    store.onClose(() => publisher.close());
    await publisher.publish(items(0, 1));
    return publisher;
  }

  it('a publisher rejects at once while the connection is cut, and goes on when it is back', async () => {
    const publisher = await openPublisher();
    await link.cut();
    for (let round = 0; round < 3; round += 1) {
      const { error, tookMs } = await rejection(publisher);
      expect(error).toBeInstanceOf(QueueUnavailableError);
      expect(tookMs).toBeLessThan(IN_TIME_MS);
    }
    await link.mend();
    await until('it takes items again', async () => (await rejection(publisher)).error === undefined);
  });

  it('a publisher rejects in time when nothing answers, all who wait, and goes on when it does', async () => {
    const publisher = await openPublisher();
    link.hold();
    const all = await Promise.all(numbers(0, 20).map(() => rejection(publisher)));
    for (const { error, tookMs } of all) {
      expect(error).toBeInstanceOf(QueueUnavailableError);
      expect(tookMs).toBeLessThan(IN_TIME_MS);
    }
    await link.mend();
    await until('it takes items again', async () => (await rejection(publisher)).error === undefined);
  });

  it('dead letters reject in time when nothing answers, and go on when it does', async () => {
    const letters = await DeadLetters.open(await store.connect(log), { timeoutMs: TIMEOUT_MS });
    const add = () =>
      letters.addAll(numbers(0, 20).map((n) => ({ reason: 'bad', detail: String(n), payload: null, source: 'test' }))).then(
        () => undefined,
        (reason: unknown) => reason,
      );
    link.hold();
    const start = performance.now();
    expect(await add()).toBeInstanceOf(QueueUnavailableError);
    expect(performance.now() - start).toBeLessThan(IN_TIME_MS);
    await link.mend();
    await until('they are taken again', async () => (await add()) === undefined);
    expect(await letters.count()).toBe(20);
  });

  it('workers go on where they were when the store is back, and the log is not flooded', async () => {
    const direct = await connectBackend(store.direct, log);
    const publisher = await PartitionPublisher.open<Item>(direct, { partitions: 1 });
    const seen: number[] = [];
    await store.workers(await store.connect(log), { log, handle: async (batch) => void seen.push(...batch.map(({ n }) => n)) });
    await publisher.publish(items(0, 3));
    await until('the first are handled', () => seen.length === 3);
    await link.cut();
    await publisher.publish(items(3, 6));
    await until('the loss is logged', () => lines.some((line) => line.includes('lost')));
    await link.mend();
    await until('the others are handled', () => firstSeen(seen).length === 6);
    expect(firstSeen(seen)).toEqual(numbers(0, 6));
    expect(lines.length).toBeLessThan(20);
    await publisher.close();
    await direct.close();
  });

  it('rejects a publish whose jobs the store refuses one by one', async () => {
    const publisher = await openPublisher();
    if (kind === 'redis') {
      const redis = new Redis(store.direct.url);
      await redis.del(`${store.direct.prefix}:activity-0:wait`);
      await redis.set(`${store.direct.prefix}:activity-0:wait`, 'no list');
      redis.disconnect();
    } else {
      const client = new pg.Client({ connectionString: store.direct.url });
      await client.connect();
      await client.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$`);
      await client.query(`CREATE TRIGGER refuse BEFORE INSERT ON ${store.direct.prefix}_queue.job EXECUTE FUNCTION refuse()`);
      await client.end();
    }
    expect((await rejection(publisher)).error).toBeInstanceOf(QueueUnavailableError);
  });

  it('a backend that cannot be reached is told without its password', async () => {
    const url = new URL(store.direct.url);
    url.port = String(await freePort());
    url.password = 'correct-horse';
    const error = await connectBackend({ ...store.direct, url: url.href }, log).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(QueueUnavailableError);
    expect(`${(error as Error).stack}${JSON.stringify(error)}${lines.join()}`).not.toContain('correct-horse');
  });
});

describe('a Redis that may lose what it acknowledged', () => {
  it('is refused, with what is wrong, unless it is allowed by name', async () => {
    const server = await startRedisServer({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' });
    try {
      const options = { kind: 'redis', url: server.url, prefix: ownPrefix() } as const;
      const refusal = connectBackend(options);
      await expect(refusal).rejects.toThrow(UnsafeRedisError);
      await expect(refusal).rejects.toThrow(/append-only.*allkeys-lru/);
      const backend = await connectBackend({ ...options, allowUnsafe: true });
      await backend.ping();
      await backend.close();
    } finally {
      await server.stop();
    }
  });

  it('is refused before a wrong password of it is logged', async () => {
    const url = new URL(redisUrl());
    url.password = 'correct-horse';
    const error = await connectBackend({ kind: 'redis', url: url.href, prefix: ownPrefix() }).then(
      async (backend) => backend.close(),
      (reason: unknown) => reason,
    );
    expect(JSON.stringify(error ?? '')).not.toContain('correct-horse');
  });
});

describe('a PostgreSQL without tables', () => {
  it('gets them once, also when several processes start together', async () => {
    const database = await createDatabase();
    const options = { kind: 'postgres', url: database.url, prefix: 'bbb-activity' } as const;
    const backends = await Promise.all(numbers(0, 4).map(() => connectBackend(options)));
    await Promise.all(backends.map((backend) => backend.ping()));
    await Promise.all(backends.flatMap((backend) => [backend.close(), backend.close()]));
    await database.drop();
  });
});
