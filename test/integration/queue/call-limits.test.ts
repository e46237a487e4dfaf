import { setTimeout as delay } from 'node:timers/promises';
import { UnprocessableError } from '@bbb-activity/queue/errors';
import { TURN_MS } from '@bbb-activity/queue/gated-worker';
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
    await until('two calls run', () => now === 2);
    const held = async () => (await readPartitionDepths(backend, 4)).map(({ active }) => active);
    // The others are left to whoever has room: here to a second process.
    expect((await held()).filter((active) => active === 1)).toHaveLength(2);
    const second = await store.connect();
    let others = 0;
    const elsewhere = gate();
    await store.workers(second, {
      partitions: 4,
      concurrentPartitions: 2,
      handle: async (batch) => {
        others += 1;
        await elsewhere.passed;
        done += batch.length;
      },
    });
    await until('the other process has what this one has no room for', () => others === 2);
    expect(await held()).toEqual([1, 1, 1, 1]);
    open();
    elsewhere.open();
    await until('all are handled', () => done === 40);
    expect(most).toBe(2);
  });

  it('has a backlog served by all processes at once, again and again', async () => {
    const partitions = 4;
    const publisher = await store.publisher(await store.connect(), partitions, 1);
    let held: (() => void)[] = [];
    let holding = true;
    let done = 0;
    const keys = numbers(0, 200).map(String);
    await publisher.publish(keys.flatMap((key) => items(0, 1, key)));
    for (let set = 0; set < 2; set += 1) {
      await store.workers(await store.connect(), {
        partitions,
        concurrentPartitions: 2,
        batchMaxItems: 2,
        handle: async (batch) => {
          if (holding) await new Promise<void>((resume) => held.push(resume));
          done += batch.length;
        },
      });
    }
    for (let round = 0; round < 5; round += 1) {
      await until('both processes are at work with all they have room for', () => held.length === 4);
      if (round === 4) holding = false;
      const resume = held;
      held = [];
      for (const go of resume) go();
    }
    await until('all are handled', () => done === keys.length);
  });

  it('serves all partitions in turn where there is room for one at a time', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 3, 1);
    const served: number[] = [];
    let done = 0;
    const backlog = numbers(0, 60).map(String);
    await publisher.publish(backlog.flatMap((key) => items(0, 1, key)));
    await store.workers(backend, {
      partitions: 3,
      concurrentPartitions: 1,
      batchMaxItems: 2,
      handle: async (batch, { partition }) => {
        // Who is first has its turn taken up by its first call.
        if (!served.includes(partition)) await delay(TURN_MS);
        served.push(partition);
        done += batch.length;
      },
    });
    await until('all are handled', () => done === 60);
    // None is served to its end before the others have begun.
    const begins = [0, 1, 2].map((partition) => served.indexOf(partition));
    const ends = [0, 1, 2].map((partition) => served.lastIndexOf(partition));
    expect(Math.max(...begins)).toBeLessThan(Math.min(...ends));
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

  it('counts tries again, halves and what a call starts again inside as calls of the budget', async () => {
    const budget = 10;
    const publisher = await store.publisher(await store.connect(), 1, 1);
    const starts: number[] = [];
    const applied: number[] = [];
    for (let set = 0; set < 2; set += 1) {
      await store.workers(await store.connect(), {
        maxBatchesPerSecond: budget,
        batchMaxItems: 4,
        backoffMs: () => 1,
        handle: async (batch, { attempt, again }) => {
          starts.push(performance.now());
          if (attempt === 2) {
            await again();
            starts.push(performance.now());
          }
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
