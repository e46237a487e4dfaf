import { setTimeout as delay } from 'node:timers/promises';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import { partitionOf } from '@bbb-activity/queue/partition-of';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisUrl } from '../../support/services.js';
import { until } from '../../support/until.js';
import { gate, items, KINDS, numbers, TestStore } from './stores.js';

/** A key of each of two partitions: of activity-0 and of activity-1. */
const [left, right] = [0, 1].map(
  (partition) =>
    numbers(0, 100)
      .map(String)
      .find((key) => partitionOf(key, 2) === partition) ?? '',
) as [string, string];

/** The same store, which refuses to remove what waits. */
function withoutRemoval(backend: QueueBackend): QueueBackend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === 'removeWaiting') return () => Promise.reject(new Error('no memory'));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe.each(KINDS)('partitions of a backlog and the processes that share it on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('leaves a partition to the process that has it, for a while', async () => {
    const publisher = await store.publisher(await store.connect(), 1, 1);
    const servers: string[] = [];
    await publisher.publish(items(0, 20));
    for (const name of ['one', 'other']) {
      await store.workers(await store.connect(), {
        batchMaxItems: 1,
        // Between two calls any process could take the partition.
        maxBatchesPerSecond: 40,
        handle: async () => void servers.push(name),
      });
    }
    await until('all are handled', () => servers.length === 20);
    expect(new Set(servers).size).toBe(1);
  });

  it('lets another process have its turn of a backlog', async () => {
    const publisher = await store.publisher(await store.connect(), 1, 1);
    const servers = new Set<string>();
    // Much more than what is applied until then.
    await publisher.publish(items(0, 3_000));
    for (const name of ['one', 'other']) {
      await store.workers(await store.connect(), {
        batchMaxItems: 1,
        maxBatchesPerSecond: 50,
        turnMs: 100,
        handle: async () => {
          servers.add(name);
          // Longer than the budget's pause, which is over then.
          await delay(30);
        },
      });
    }
    await until('both have served it', () => servers.size === 2, 60_000);
  });

  it('takes what waits behind an applied head in order, and each once, also when it is stopped between', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    const applied: number[] = [];
    await publisher.publish(items(0, 30));
    for (let round = 1; round <= 3; round += 1) {
      const workers = await store.workers(backend, {
        batchMaxItems: 2,
        handle: async (batch) => void applied.push(...batch.map(({ n }) => n)),
        maxBatchesPerSecond: 40,
      });
      await until('some are applied', () => applied.length >= 10 * round - 4);
      await workers.close();
    }
    await store.workers(backend, { handle: async (batch) => void applied.push(...batch.map(({ n }) => n)) });
    await until('all are applied', () => applied.length >= 30);
    expect(applied).toEqual(numbers(0, 30));
    await until('nothing is left', async () => (await backend.jobsLeft('activity-0')) === 0);
  });

  it('ends a turn where applied jobs cannot be removed, instead of applying them over and over', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    await publisher.publish(items(0, 6));
    const calls: number[][] = [];
    await store.workers(withoutRemoval(backend), {
      batchMaxItems: 2,
      handle: async (batch) => void calls.push(batch.map(({ n }) => n)),
    });
    await until('nothing is left', async () => (await backend.jobsLeft('activity-0')) === 0);
    // Each head goes, and takes the next one along in vain.
    expect(calls).toEqual([[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5]]);
  });

  it('tells a process whether another one may have had the partition since', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    const tenures: string[] = [];
    await store.workers(backend, { handle: async (_, { tenure }) => void tenures.push(tenure) });
    for (let n = 0; n < 4; n += 1) {
      if (n === 2) expect(await backend.noteServer('activity-0', 'another process')).not.toBeNull();
      await publisher.publish(items(n, n + 1));
      await until('it is handled', () => tenures.length === n + 1);
      await until('nothing is in hand', async () => (await backend.jobsLeft('activity-0')) === 0);
    }
    const [first, second, third, fourth] = tenures;
    expect(second).toBe(first);
    expect(third).not.toBe(second);
    expect(fourth).toBe(third);
  });

  it('knows who served a queue last, and when its next job was added', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 2);
    expect(await backend.noteServer('activity-1', 'a')).toBeNull();
    expect(await backend.noteServer('activity-1', 'b')).toBe('a');
    expect(await backend.noteServer('activity-1', 'b')).toBe('b');
    expect(await backend.noteServer('activity-0', 'b')).toBeNull();
    const before = Date.now();
    await publisher.publish(items(0, 1, right));
    const [none, at] = await backend.nextQueuedAt(['activity-0', 'activity-1']);
    expect(none).toBeNull();
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    const [next] = await backend.nextWaiting('activity-1', 10);
    expect(next?.queuedAt).toBe(at);
  });

  it('goes through a backlog side by side with the partitions that other processes have', async () => {
    const publisher = await store.publisher(await store.connect(), 2, 1);
    const told: string[] = [];
    const { passed, open } = gate();
    let held = false;
    await publisher.publish(items(0, 1, left));
    const other = (await store.connect()).worker(
      'activity-0',
      async () => {
        held = true;
        await passed;
        await delay(50);
        told.push('left');
      },
      { concurrency: 1, lockDuration: 10_000 },
    );
    store.onClose(() => other.close());
    void other.run();
    await until('another process has the one partition', () => held);
    for (let n = 1; n < 6; n += 1) {
      await delay(100);
      await publisher.publish(items(n, n + 1, left));
    }
    await delay(100);
    await publisher.publish(items(0, 1, right));
    // What has just been queued is no backlog.
    await delay(300);
    await store.workers(await store.connect(), {
      partitions: 2,
      batchMaxItems: 1,
      handle: async (_, { partition }) => void told.push(partition === 1 ? 'right' : 'left'),
    });
    open();
    await until('all are handled', () => told.length === 7);
    expect(told.indexOf('right')).toBeGreaterThanOrEqual(3);
  });
});

describe('a worker that waits on Redis', () => {
  it('is woken for a job that nobody told it of', async () => {
    const store = await TestStore.create('redis');
    const redis = new Redis(redisUrl());
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    const taken: string[] = [];
    // It looks by itself only when the test is over.
    const settings = { concurrency: 1, drainDelay: 600 };
    const worker = backend.worker('activity-0', async ({ id }) => void taken.push(id ?? ''), settings);
    try {
      void worker.run();
      await publisher.publish(items(0, 1));
      await until('it waits again', async () => taken.length === 1 && (await backend.jobsLeft('activity-0')) === 0);
      const queue = `${store.options.prefix}:activity-0:`;
      await redis.hset(`${queue}more`, { name: '1', data: '{}', opts: '{}', timestamp: Date.now(), delay: 0, priority: 0 });
      await redis.lpush(`${queue}wait`, 'more');
      await backend.wakeAnother('activity-0');
      await until('it has it', () => taken.includes('more'));
    } finally {
      await worker.close(true);
      redis.disconnect();
      await store.close();
    }
  });
});
