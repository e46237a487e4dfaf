import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { PartitionWorkers } from '@bbb-activity/queue/partition-workers';
import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, ownPrefix, redisUrl, type TestDatabase } from '../../support/services.js';
import { until } from '../../support/until.js';

const PARTITIONS = 2;

describe.each(['redis', 'postgres'] as const)('rewriting what the queue holds in %s', (kind) => {
  let backend: QueueBackend;
  let database: TestDatabase | undefined;
  let letters: DeadLetters;

  beforeEach(async () => {
    database = kind === 'postgres' ? await createDatabase() : undefined;
    const url = database?.url ?? redisUrl();
    backend = await connectBackend({ kind, url, prefix: ownPrefix() });
    letters = await DeadLetters.open(backend);
  });
  afterEach(async () => {
    await backend.close();
    await database?.drop();
  });

  async function publish(count: number): Promise<void> {
    const publisher = await PartitionPublisher.open<string>(backend, { partitions: PARTITIONS, maxItemsPerJob: 2 });
    const items = Array.from({ length: count }, (_, index) => ({ key: `key ${index}`, item: `item ${index} of Ada \0` }));
    await publisher.publish(items);
    await publisher.close();
  }

  /** What workers get, once they have as many. */
  async function taken(count: number): Promise<string[]> {
    const got: string[] = [];
    const workers = new PartitionWorkers<string>(backend, {
      partitions: PARTITIONS,
      batchMaxItems: 10,
      maxBatchesPerSecond: null,
      deadLetters: letters,
      handle: async (items) => {
        got.push(...items);
      },
    });
    await workers.start();
    await until('all are taken', () => got.length >= count);
    await workers.close();
    return got.toSorted();
  }

  const without = async (items: readonly unknown[]) =>
    items.some((item) => String(item).includes('Ada')) ? items.map((item) => String(item).replace('Ada', 'x')) : null;

  it('changes the items of jobs that wait, each once, and keeps what is not changed', async () => {
    await publish(2_500);
    const outcome = await rewriteJobs(backend, without);
    expect(outcome.rewritten).toBeGreaterThanOrEqual(1_250);
    expect(await rewriteJobs(backend, without)).toEqual({ rewritten: 0, removed: 0 });
    const expected = Array.from({ length: 2_500 }, (_, index) => `item ${index} of x \0`).toSorted();
    expect(await taken(2_500)).toEqual(expected);
  });

  it('may leave a job without items, which a worker passes over', async () => {
    await publish(4);
    await rewriteJobs(backend, async (items) => items.filter((item) => String(item).startsWith('item 3')));
    expect(await taken(1)).toEqual(['item 3 of Ada \0']);
  });

  it('neither loses nor revives a job that workers take meanwhile', async () => {
    await publish(500);
    const [got] = await Promise.all([taken(500), rewriteJobs(backend, without), rewriteJobs(backend, without)]);
    expect(got).toHaveLength(500);
    expect(await rewriteJobs(backend, async () => null)).toEqual({ rewritten: 0, removed: 0 });
  });

  it('changes, removes or leaves dead letters', async () => {
    for (const payload of ['changed', 'removed', 'left']) await letters.add({ reason: 'r', detail: 'd', source: 's', payload });
    const outcome = await rewriteDeadLetters(backend, async ({ payload }) => {
      if (payload === 'changed') return 'another';
      return payload === 'removed' ? null : undefined;
    });
    expect(outcome).toEqual({ rewritten: 1, removed: 1 });
    const page = await letters.list({ limit: 10 });
    expect(page.letters.map(({ payload }) => payload)).toEqual(['left', 'another']);
    expect(page.letters[1]).toMatchObject({ reason: 'r', detail: 'd', source: 's', at: expect.any(String) });
  });
});
