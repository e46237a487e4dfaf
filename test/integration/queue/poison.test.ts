import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { UnprocessableError } from '@bbb-activity/queue/errors';
import { PARTITION_JOB_OPTIONS, type StoredPayload } from '@bbb-activity/queue/job-payload';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { type Item, items, KINDS, numbers, TestStore } from './stores.js';

const soon = () => 20;

describe.each(KINDS)('what can never be applied, on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('puts one poisoned item aside, whole, and applies its neighbours in order', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 5);
    for (let n = 0; n < 30; n += 5) await publisher.publish(items(n, n + 5));
    const applied: number[] = [];
    await store.workers(backend, {
      handle: async (batch) => {
        if (batch.some(({ n }) => n === 13)) throw new UnprocessableError('no_meeting', 'it names no meeting');
        applied.push(...batch.map(({ n }) => n));
      },
    });
    await until('the others are applied', () => applied.length >= 29);
    expect(applied).toEqual(numbers(0, 30).filter((n) => n !== 13));
    const { letters } = await (await DeadLetters.open(backend)).list({ limit: 10 });
    expect(letters).toEqual([
      expect.objectContaining({
        reason: 'no_meeting',
        detail: 'it names no meeting',
        payload: { key: 'a', n: 13 } satisfies Item,
        source: 'activity-0',
      }),
    ]);
  });

  it('holds the head when a dead letter cannot be stored', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    await publisher.publish(items(0, 1));
    await publisher.publish(items(1, 2));
    const letters = await DeadLetters.open(backend);
    let refused = 0;
    const applied: number[] = [];
    const deadLetters = Object.create(letters) as DeadLetters;
    deadLetters.add = async (letter) => {
      refused += 1;
      if (refused < 3) throw new Error('no room');
      await letters.add(letter);
    };
    await store.workers(backend, {
      deadLetters,
      backoffMs: soon,
      handle: async (batch) => {
        if (batch.some(({ n }) => n === 0)) throw new UnprocessableError('bad', 'bad');
        applied.push(...batch.map(({ n }) => n));
      },
    });
    await until('the next one is applied', () => applied.length === 1);
    expect(refused).toBe(3);
    expect(await letters.count()).toBe(1);
  });

  it.each([
    ['is the head', ['bad', 'good', 'good']],
    ['is taken along', ['good', 'bad', 'good', 'bad']],
    ['is alone', ['bad']],
  ])('puts a job that cannot be decoded aside, whole, when it %s', async (_, order) => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    const queue = backend.queue('activity-0');
    const bad = (n: number) => ({ bad: n, text: '\u2028' }) as unknown as StoredPayload;
    const added = new Map<number, string | undefined>();
    for (const [n, what] of order.entries()) {
      if (what === 'good') await publisher.publish(items(n, n + 1));
      else added.set(n, (await queue.add('1 item', bad(n), PARTITION_JOB_OPTIONS)).id);
    }
    const applied: number[] = [];
    await store.workers(backend, { handle: async (batch) => void applied.push(...batch.map(({ n }) => n)) });
    await until('nothing is left', async () => (await backend.depth('activity-0')).oldestAt === null);
    expect(applied).toEqual(numbers(0, order.length).filter((n) => !added.has(n)));
    const { letters } = await (await DeadLetters.open(backend)).list({ limit: 10 });
    expect([...letters].reverse()).toEqual(
      [...added].map(([n, id]) =>
        expect.objectContaining({
          reason: 'undecodable_job',
          detail: `job ${id} holds no items`,
          payload: bad(n),
          source: 'activity-0',
        }),
      ),
    );
  });

  it('waits longer and longer after what nobody expected, instead of taking the job again at once', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    await publisher.publish(items(0, 1));
    await publisher.publish(items(1, 2));
    const starts: number[] = [];
    const applied: number[] = [];
    await store.workers(backend, {
      batchMaxItems: 1,
      onBatch: () => {
        if (starts.length < 4) throw new Error('no expected error');
      },
      handle: async (batch) => {
        starts.push(performance.now());
        applied.push(...batch.map(({ n }) => n));
      },
    });
    await until('all is handled', () => applied.includes(1));
    expect(applied).toEqual([0, 0, 0, 0, 1]);
    const waits = starts.slice(1, 4).map((start, index) => start - (starts[index] ?? 0));
    // 100, 200 and 400 ms, less up to a quarter, and what a timer may be early.
    for (const [index, least] of [73, 148, 298].entries()) expect(waits[index]).toBeGreaterThan(least);
  });

  it.runIf(kind === 'redis')('puts a job whose data is no JSON aside as the text that it is', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    for (let n = 0; n < 3; n += 1) await publisher.publish(items(n, n + 1));
    const redis = new Redis(store.options.url);
    const [first, , third] = await backend.nextWaiting('activity-0', 3);
    await redis.hset(`${store.options.prefix}:activity-0:${first?.id}`, 'data', '{"items":[');
    await redis.hset(`${store.options.prefix}:activity-0:${third?.id}`, 'data', 'no JSON');
    redis.disconnect();
    const applied: number[] = [];
    await store.workers(backend, { handle: async (batch) => void applied.push(...batch.map(({ n }) => n)) });
    await until('nothing is left', async () => (await backend.depth('activity-0')).oldestAt === null);
    expect(applied).toEqual([1]);
    const { letters } = await (await DeadLetters.open(backend)).list({ limit: 10 });
    expect(letters.map(({ payload }) => payload)).toEqual(['no JSON', '{"items":[']);
  });
});
