import { UnprocessableError } from '@bbb-activity/queue/errors';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { gate, items, KINDS, numbers, TestStore } from './stores.js';

describe.each(KINDS)('how many calls there are on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('handles only so many partitions at a time as it is told', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 4);
    const { passed, open } = gate();
    let now = 0;
    let most = 0;
    let done = 0;
    await store.workers(backend, {
      partitions: 4,
      concurrentPartitions: 2,
      handle: async (batch) => {
        now += 1;
        most = Math.max(most, now);
        await passed;
        now -= 1;
        done += batch.length;
      },
    });
    const keys = numbers(0, 40).map(String);
    await publisher.publish(keys.flatMap((key) => items(0, 1, key)));
    await until('the jobs of all partitions are taken', async () =>
      (await readPartitionDepths(backend, 4)).every(({ active }) => active === 1),
    );
    await until('two calls run', () => now === 2);
    // What a third call would need to begin: it reads the jobs behind its own.
    await Promise.all(numbers(0, 4).map((partition) => backend.nextWaiting(`activity-${partition}`, 1)));
    expect(now).toBe(2);
    open();
    await until('all are handled', () => done === 40);
    expect(most).toBe(2);
  });

  it('keeps to its budget of calls over two sets of workers with connections of their own', async () => {
    const partitions = 4;
    const budget = 20;
    const publisher = await store.publisher(await store.connect(), partitions, 1);
    const starts: number[] = [];
    let handled = 0;
    for (let set = 0; set < 2; set += 1) {
      await store.workers(await store.connect(), {
        partitions,
        maxBatchesPerSecond: budget,
        batchMaxItems: 2,
        handle: async (batch) => {
          starts.push(performance.now());
          handled += batch.length;
        },
      });
    }
    const keys = numbers(0, 60).map(String);
    await publisher.publish(keys.flatMap((key) => items(0, 1, key)));
    await until('all are handled', () => handled >= 60);
    const mostInASecond = Math.max(...starts.map((start) => starts.filter((at) => at >= start && at < start + 1_000).length));
    expect(mostInASecond).toBeLessThanOrEqual(budget + partitions);
  });

  it('counts tries again and halves as calls of the budget', async () => {
    const budget = 10;
    const publisher = await store.publisher(await store.connect(), 1, 1);
    const starts: number[] = [];
    const applied: number[] = [];
    for (let set = 0; set < 2; set += 1) {
      await store.workers(await store.connect(), {
        maxBatchesPerSecond: budget,
        batchMaxItems: 4,
        backoffMs: () => 1,
        handle: async (batch, { attempt }) => {
          starts.push(performance.now());
          if (batch.some(({ n }) => n === 5)) throw new UnprocessableError('bad', 'bad');
          if (attempt < 3) throw new Error('again');
          applied.push(...batch.map(({ n }) => n));
        },
      });
    }
    await publisher.publish(items(0, 12));
    await until('all but the bad are applied', () => applied.length >= 11);
    const mostInASecond = Math.max(...starts.map((start) => starts.filter((at) => at >= start && at < start + 1_000).length));
    expect(mostInASecond).toBeLessThanOrEqual(budget + 1);
    expect(applied).toEqual(numbers(0, 12).filter((n) => n !== 5));
  });
});
