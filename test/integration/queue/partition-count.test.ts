import type { QueueBackend } from '@bbb-activity/queue/backend';
import { PartitionCountError, PartitionsNotDrainedError, QueueUnavailableError } from '@bbb-activity/queue/errors';
import { changePartitionCount, claimPartitionCount, readPartitionCount } from '@bbb-activity/queue/partition-count';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { firstSeen, items, KINDS, numbers, TestStore } from './stores.js';

const KEYS = numbers(0, 12).map(String);

describe.each(KINDS)('the number of partitions on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('is what the first start says, also when several start at once, and a start with another number stops', async () => {
    const backends = await Promise.all(numbers(0, 3).map(() => store.connect()));
    const [backend] = backends;
    if (backend === undefined) throw new Error('no backend');
    expect(await readPartitionCount(backend)).toBeNull();
    const claims = await Promise.allSettled(backends.map((each, index) => claimPartitionCount(each, index + 2)));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const count = await readPartitionCount(backend);
    await expect(PartitionPublisher.open(backend, { partitions: 7 })).rejects.toThrow(PartitionCountError);
    await expect(store.workers(backend, { partitions: 7, handle: async () => {} })).rejects.toThrow(
      `the queue has ${count} partitions, this process is configured for 7: configure ${count}, or change the queue with "bbb-activity partitions set 7"`,
    );
  });

  it('changes under fire without stranding or reordering what was acknowledged', async () => {
    const backend = await store.connect();
    const old = await store.publisher(backend, 4, 3);
    const seen = new Map<string, number[]>();
    const handle = async (batch: readonly { key: string; n: number }[]) => {
      for (const { key, n } of batch) seen.set(key, [...(seen.get(key) ?? []), n]);
    };
    const workers = await store.workers(await store.connect(), { partitions: 4, batchMaxItems: 5, handle });
    const acknowledged = new Map<string, number[]>(KEYS.map((key) => [key, []]));
    let refused = 0;
    let publisher = old;
    let next = 0;
    const publishOne = async () => {
      const n = next++;
      try {
        await publisher.publish(KEYS.flatMap((key) => items(n, n + 1, key)));
        for (const key of KEYS) acknowledged.get(key)?.push(n);
      } catch (error) {
        expect(error).toBeInstanceOf(QueueUnavailableError);
        refused += 1;
      }
    };
    for (let n = 0; n < 20; n += 1) await publishOne();
    const progress: number[] = [];
    let done = false;
    const change = changePartitionCount(await store.connect(), 2, { drained: ({ remaining }) => progress.push(remaining) }).then(
      () => {
        done = true;
      },
    );
    while (!done) await publishOne();
    await change;
    expect(refused).toBeGreaterThan(0);
    expect(progress.at(-1)).toBe(0);
    await expect(old.publish(items(0, 1))).rejects.toThrow('the queue has 2 partitions, this process is configured for 4');
    await workers.close();
    publisher = await store.publisher(await store.connect(), 2);
    await store.workers(backend, { partitions: 2, handle });
    for (let n = 0; n < 5; n += 1) await publishOne();
    await until('all that was acknowledged is handled', () =>
      KEYS.every((key) => acknowledged.get(key)?.every((n) => seen.get(key)?.includes(n))),
    );
    for (const key of KEYS) expect(firstSeen(seen.get(key) ?? [])).toEqual(acknowledged.get(key));
    await until('no job is left in any partition', async () =>
      (await readPartitionDepths(backend, 4)).every(({ waiting, active }) => waiting + active === 0),
    );
  });

  it('stays as it is, and publishers go on, when nobody empties the partitions', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 2, 1);
    await publisher.publish(items(0, 3));
    await expect(changePartitionCount(backend, 4, { patienceMs: 200 })).rejects.toThrow(PartitionsNotDrainedError);
    expect(await readPartitionCount(backend)).toBe(2);
    await publisher.publish(items(3, 4));
    expect((await readPartitionDepths(backend, 2)).reduce((sum, { waiting }) => sum + waiting, 0)).toBe(4);
  });

  it.each([
    ['paused', {}],
    ['delayed', { delay: 3_600_000 }],
    ['prioritized', { priority: 1 }],
    ['failed', { attempts: 1 }],
  ])('stays as it is while a job is %s', async (state, options) => {
    const backend = await store.connect();
    await claimPartitionCount(backend, 2);
    const queue = backend.queue('activity-1');
    if (state === 'paused') await queue.pause();
    await queue.add('1 item', { items: [1] }, options);
    if (state === 'failed') await failNext(backend, 'activity-1');
    await expect(changePartitionCount(backend, 3, { patienceMs: 100 })).rejects.toThrow('1 jobs were still in the partitions');
    expect(await readPartitionCount(backend)).toBe(2);
  });

  it('can be taken back, or gone on with, when a change was killed half way', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 2);
    await backend.replacePartitionRecord('{"count":2}', '{"count":2,"drainingTo":4}');
    await expect(publisher.publish(items(0, 1))).rejects.toThrow('the number of partitions is being changed');
    await expect(changePartitionCount(backend, 8)).rejects.toThrow('a change to 4 partitions is under way');
    await changePartitionCount(backend, 2);
    await publisher.publish(items(0, 1));
    await backend.replacePartitionRecord('{"count":2}', '{"count":2,"drainingTo":4}');
    let handled = 0;
    await store.workers(backend, {
      partitions: 2,
      handle: async (batch) => {
        handled += batch.length;
      },
    });
    await changePartitionCount(backend, 4);
    expect(handled).toBe(1);
    expect(await readPartitionCount(backend)).toBe(4);
  });

  it('tells the depth of each partition and how old its oldest job is', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 2, 1);
    expect(await readPartitionDepths(backend, 2)).toEqual(
      [0, 1].map((partition) => ({ partition, waiting: 0, active: 0, oldestAt: null })),
    );
    const before = Date.now();
    await publisher.publish(KEYS.flatMap((key) => items(0, 1, key)));
    const between = Date.now();
    await publisher.publish(KEYS.flatMap((key) => items(1, 2, key)));
    const depths = await readPartitionDepths(backend, 2);
    expect(depths.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(24);
    for (const { oldestAt } of depths) {
      expect(oldestAt).toBeGreaterThanOrEqual(before);
      expect(oldestAt).toBeLessThanOrEqual(between);
    }
  });
});

async function failNext(backend: QueueBackend, queueName: string): Promise<void> {
  const worker = backend.worker(queueName, () => Promise.reject(new Error('no')), {});
  const failed = new Promise((resolve) => worker.once('failed', resolve));
  const ended = worker.run();
  await failed;
  await worker.close();
  await ended;
}
