import { UnprocessableError } from '@bbb-activity/queue/errors';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { firstSeen, items, KINDS, numbers, TestStore } from './stores.js';

const soon = () => 20;

describe.each(KINDS)('delivery in order on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('gives every item once and in the order of the calls, whatever their sizes', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 7);
    const seen: number[] = [];
    await store.workers(backend, { batchMaxItems: 10, handle: async (batch) => void seen.push(...batch.map(({ n }) => n)) });
    const calls: Promise<void>[] = [];
    for (let n = 0, size = 1; n < 300; n += size, size = (size % 23) + 1)
      calls.push(publisher.publish(items(n, Math.min(n + size, 300))));
    await Promise.all(calls);
    await until('all items are handled', () => seen.length >= 300);
    expect(seen).toEqual(numbers(0, 300));
  });

  it('takes along the jobs that wait behind, up to the most items of a call and in order', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 4);
    for (let n = 0; n < 40; n += 4) await publisher.publish(items(n, n + 4));
    const batches: number[][] = [];
    await store.workers(backend, { batchMaxItems: 18, handle: async (batch) => void batches.push(batch.map(({ n }) => n)) });
    await until('all items are handled', () => batches.flat().length >= 40);
    expect(batches).toEqual([numbers(0, 16), numbers(16, 32), numbers(32, 40)]);
    await until('no job is left', async () => {
      const { waiting, active } = await backend.depth('activity-0');
      return waiting + active === 0;
    });
  });

  it('hands a job of more items than a call may have over in slices', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    await publisher.publish(items(0, 25));
    const batches: number[][] = [];
    await store.workers(backend, { batchMaxItems: 10, handle: async (batch) => void batches.push(batch.map(({ n }) => n)) });
    await until('all items are handled', () => batches.flat().length >= 25);
    expect(batches).toEqual([numbers(0, 10), numbers(10, 20), numbers(20, 25)]);
  });

  it('holds the head of a partition while it fails, and lets nothing pass it', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    for (let n = 0; n < 6; n += 1) await publisher.publish(items(n, n + 1));
    const tries: { numbers: number[]; attempt: number }[] = [];
    await store.workers(backend, {
      batchMaxItems: 2,
      backoffMs: soon,
      handle: async (batch, { attempt }) => {
        tries.push({ numbers: batch.map(({ n }) => n), attempt });
        if (batch.some(({ n }) => n === 2) && attempt < 4) throw new Error('the database is away');
      },
    });
    await until('all are handled', () => tries.at(-1)?.numbers.includes(5));
    expect(tries).toEqual([
      { numbers: [0, 1], attempt: 1 },
      ...[1, 2, 3, 4].map((attempt) => ({ numbers: [2, 3], attempt })),
      { numbers: [4, 5], attempt: 1 },
    ]);
  });

  it('keeps the order over many graceful stops in the middle of failing', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 2);
    for (let n = 0; n < 20; n += 2) await publisher.publish(items(n, n + 2));
    const applied: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      let failed = 0;
      const workers = await store.workers(backend, {
        batchMaxItems: 4,
        backoffMs: () => 60_000,
        handle: async (batch) => {
          if (applied.length >= 4 * (round + 1) && round < 4) {
            failed += 1;
            throw new Error('not now');
          }
          applied.push(...batch.map(({ n }) => n));
        },
      });
      await until('the head fails, or all is done', () => failed > 0 || applied.length >= 20);
      await workers.close();
    }
    expect(applied).toEqual(numbers(0, 20));
  });

  it('closes in short time while a head waits to be tried again, and hands it back at the head', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    for (let n = 0; n < 3; n += 1) await publisher.publish(items(n, n + 1));
    let failed = 0;
    const first = await store.workers(backend, {
      batchMaxItems: 1,
      backoffMs: () => 3_600_000,
      handle: async () => {
        failed += 1;
        throw new Error('not now');
      },
    });
    await until('the head has failed', () => failed === 1);
    const both = [first.close(), first.close()];
    await Promise.all(both);
    expect(await backend.queue('activity-0').getJobCounts('waiting', 'active', 'failed', 'delayed')).toEqual({
      waiting: 3,
      active: 0,
      failed: 0,
      delayed: 0,
    });
    const seen: number[] = [];
    await store.workers(backend, { batchMaxItems: 1, handle: async (batch) => void seen.push(...batch.map(({ n }) => n)) });
    await until('all are handled', () => seen.length >= 3);
    expect(seen).toEqual([0, 1, 2]);
  });

  it('lets a running call finish when it closes', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    await publisher.publish(items(0, 1));
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let entered = false;
    let finished = false;
    const workers = await store.workers(backend, {
      handle: async () => {
        entered = true;
        await gate;
        finished = true;
      },
    });
    await until('the call runs', () => entered);
    const closing = workers.close();
    open();
    await closing;
    expect(finished).toBe(true);
    expect(await backend.depth('activity-0')).toEqual({ waiting: 0, active: 0, oldestAt: null });
  });

  it('leaves a call that never ends when closing takes too long, with its signal aborted', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    await publisher.publish(items(0, 1));
    let signal: AbortSignal | undefined;
    let end = () => {};
    const never = new Promise<void>((resolve) => {
      end = resolve;
    });
    const workers = await store.workers(backend, {
      closeTimeoutMs: 100,
      handle: (_, context) => {
        signal = context.signal;
        return never;
      },
    });
    await until('the call runs', () => signal);
    await workers.close();
    expect(signal?.aborted).toBe(true);
    end();
  });

  it('takes an error while removing applied jobs as harmless: they come again', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    for (let n = 0; n < 4; n += 1) await publisher.publish(items(n, n + 1));
    let refusals = 0;
    const remove = backend.removeWaiting.bind(backend);
    backend.removeWaiting = async (queueName, ids) => {
      if (ids.length > 0 && refusals === 0) {
        refusals += 1;
        throw new Error('gone');
      }
      return remove(queueName, ids);
    };
    const batches: number[][] = [];
    await store.workers(backend, { handle: async (batch) => void batches.push(batch.map(({ n }) => n)) });
    await until('nothing is left', async () => batches.length > 1 && (await backend.depth('activity-0')).oldestAt === null);
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('never has two calls for one partition at a time, over several sets of workers', async () => {
    const publisher = await store.publisher(await store.connect(), 2, 1);
    const running = new Map<number, number>();
    const seen = new Map<string, number[]>();
    let overlaps = 0;
    for (let set = 0; set < 3; set += 1) {
      await store.workers(await store.connect(), {
        partitions: 2,
        batchMaxItems: 3,
        handle: async (batch, { partition }) => {
          running.set(partition, (running.get(partition) ?? 0) + 1);
          if (running.get(partition) !== 1) overlaps += 1;
          await new Promise((resume) => setTimeout(resume, 2));
          for (const { key, n } of batch) seen.set(key, [...(seen.get(key) ?? []), n]);
          running.set(partition, (running.get(partition) ?? 0) - 1);
        },
      });
    }
    for (let n = 0; n < 60; n += 1) await publisher.publish(['a', 'b', 'c', 'd'].flatMap((key) => items(n, n + 1, key)));
    await until('all are handled', () => [...seen.values()].reduce((sum, { length }) => sum + length, 0) >= 240);
    expect(overlaps).toBe(0);
    for (const key of ['a', 'b', 'c', 'd']) expect(firstSeen(seen.get(key) ?? [])).toEqual(numbers(0, 60));
  });

  it('handles only so many partitions at a time as it is told', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 4);
    let now = 0;
    let most = 0;
    let done = 0;
    await store.workers(backend, {
      partitions: 4,
      concurrentPartitions: 2,
      handle: async (batch) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resume) => setTimeout(resume, 30));
        now -= 1;
        done += batch.length;
      },
    });
    const keys = numbers(0, 40).map(String);
    await publisher.publish(keys.flatMap((key) => items(0, 1, key)));
    await until('all are handled', () => done === 40);
    expect(most).toBe(2);
  });

  it('carries every string that JSON can hold', async () => {
    const backend = await store.connect();
    const publisher = await PartitionPublisher.open<unknown>(backend, { partitions: 1 });
    store.onClose(() => publisher.close());
    const odd = [
      '\u0000',
      'half \ud83d of a pair',
      '\\u0000',
      '"',
      'é 😀',
      { deep: ['\u0000', { '\u0000': 1e-7 }] },
      1e300,
      null,
    ];
    for (const item of odd) await publisher.publish([{ key: 'a', item }]);
    const seen: unknown[] = [];
    await store.workers(backend, { handle: async (batch) => void seen.push(...batch) });
    await until('all are handled', () => seen.length >= odd.length);
    expect(seen).toEqual(odd);
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
    for (let n = 0; n < 2; n += 1) await publisher.publish(keys.flatMap((key) => items(n, n + 1, key)));
    await until('all are handled', () => handled >= 120);
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
          if (batch.some(({ n }) => n % 8 === 5)) throw new UnprocessableError('bad', 'bad');
          if (attempt < 3) throw new Error('again');
          applied.push(...batch.map(({ n }) => n));
        },
      });
    }
    await publisher.publish(items(0, 16));
    await until('all but the bad are applied', () => applied.length >= 14);
    const mostInASecond = Math.max(...starts.map((start) => starts.filter((at) => at >= start && at < start + 1_000).length));
    expect(mostInASecond).toBeLessThanOrEqual(budget + 1);
    expect(applied).toEqual(numbers(0, 16).filter((n) => n % 8 !== 5));
  });
});
