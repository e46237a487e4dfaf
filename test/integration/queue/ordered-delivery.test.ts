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
});
