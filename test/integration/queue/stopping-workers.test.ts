import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { gate, items, KINDS, numbers, TestStore } from './stores.js';

describe.each(KINDS)('workers that stop on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

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
    const { passed, open } = gate();
    let entered = false;
    let finished = false;
    const workers = await store.workers(backend, {
      handle: async () => {
        entered = true;
        await passed;
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
    const { passed, open } = gate();
    const workers = await store.workers(backend, {
      closeTimeoutMs: 100,
      handle: (_, context) => {
        signal = context.signal;
        return passed;
      },
    });
    await until('the call runs', () => signal);
    await workers.close();
    expect(signal?.aborted).toBe(true);
    open();
  });
});
