import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Item, items, KINDS, numbers, TestStore } from './stores.js';

describe.each(KINDS)('group commit on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('writes what comes alone as a job of its own', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    for (let n = 0; n < 4; n += 1) await publisher.publish(items(n, n + 1));
    expect((await backend.depth('activity-0')).waiting).toBe(4);
  });

  it('gathers what comes during a write into one job', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    await Promise.all(numbers(0, 200).map((n) => publisher.publish(items(n, n + 1))));
    expect((await backend.depth('activity-0')).waiting).toBe(2);
  });

  it('goes on gathering no longer than until enough has gathered', async () => {
    const backend = await store.connect();
    const publisher = await PartitionPublisher.open<Item>(backend, { partitions: 1, lingerMs: 600_000, timeoutMs: 600_000 });
    const first = publisher.publish(items(0, 1));
    const second = publisher.publish(items(1, 2));
    await first;
    await Promise.all([second, ...numbers(2, 40).map((n) => publisher.publish(items(n, n + 1)))]);
    await publisher.close();
  });

  it('puts no more items into a job than it may, and writes one publish to many partitions at once', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 4, 10);
    await publisher.publish(numbers(0, 100).flatMap((key) => items(0, 1, String(key))));
    const waiting = await Promise.all(numbers(0, 4).map(async (partition) => backend.nextWaiting(`activity-${partition}`, 500)));
    const sizes = waiting.flat().map(({ data }) => (data as { items: unknown[] }).items.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(100);
    expect(Math.max(...sizes)).toBe(10);
    expect(waiting.every((jobs) => jobs.length > 0)).toBe(true);
  });

  it('writes what waits when it closes, and rejects what comes after', async () => {
    const backend = await store.connect();
    const publisher = await store.publisher(backend);
    const calls = numbers(0, 50).map((n) => publisher.publish(items(n, n + 1)));
    await Promise.all([publisher.close(), publisher.close()]);
    await Promise.all(calls);
    expect(
      (await backend.nextWaiting('activity-0', 500)).flatMap(({ data }) => (data as { items: unknown[] }).items),
    ).toHaveLength(50);
    await expect(publisher.publish(items(0, 1))).rejects.toThrow('the publisher is closed');
  });
});
