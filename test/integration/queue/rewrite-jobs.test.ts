import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { contentId } from '@bbb-activity/queue/dead-letter';
import { DEAD_LETTER_QUEUE, DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { PartitionWorkers } from '@bbb-activity/queue/partition-workers';
import { readDeadLetters, readJobs } from '@bbb-activity/queue/read-jobs';
import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, ownPrefix, redisUrl, type TestDatabase } from '../../support/services.js';
import { databaseTexts, find, redisTexts } from '../../support/stored-text.js';
import { until } from '../../support/until.js';

const PARTITIONS = 2;
/** Ids that PostgreSQL gives at a time; Redis gives about as many. */
const JOBS_A_PAGE = 1_000;
const NOTHING = { rewritten: 0, undecodable: [] };

describe.each(['redis', 'postgres'] as const)('rewriting what the queue holds in %s', (kind) => {
  let backend: QueueBackend;
  let database: TestDatabase | undefined;
  let letters: DeadLetters;
  let prefix: string;

  beforeEach(async () => {
    database = kind === 'postgres' ? await createDatabase() : undefined;
    const url = database?.url ?? redisUrl();
    prefix = ownPrefix();
    backend = await connectBackend({ kind, url, prefix });
    letters = await DeadLetters.open(backend);
  });
  afterEach(async () => {
    await backend.close();
    await database?.drop();
  });

  async function publish(count: number, itemsPerJob = 2, keys = count): Promise<void> {
    const publisher = await PartitionPublisher.open<string>(backend, { partitions: PARTITIONS, maxItemsPerJob: itemsPerJob });
    const items = Array.from({ length: count }, (_, index) => ({ key: `key ${index % keys}`, item: `item ${index} of Ada \0` }));
    await publisher.publish(items);
    await publisher.close();
  }

  /** Makes what a job holds something that nobody wrote. Gives the job's place. */
  async function spoil(queueName: string, spoiled: 'other JSON' | 'no JSON'): Promise<{ queueName: string; id: string }> {
    const [job] = await backend.newestWaiting(queueName, 1, null);
    const id = job?.id ?? '';
    await backend.changeData(queueName, id, async () => ({ data: { json: 'Ada' } }));
    if (spoiled === 'no JSON' && kind === 'redis') await writeText(id, queueName, 'Ada, and no JSON');
    return { queueName, id };
  }

  async function writeText(id: string, queueName: string, text: string): Promise<void> {
    const redis = new Redis(redisUrl());
    await redis.hset(`${prefix}:${queueName}:${id}`, 'data', text);
    redis.disconnect();
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
    await publish(40);
    const outcome = await rewriteJobs(backend, without);
    expect(outcome.rewritten).toBeGreaterThanOrEqual(20);
    expect(await rewriteJobs(backend, without)).toEqual(NOTHING);
    const expected = Array.from({ length: 40 }, (_, index) => `item ${index} of x \0`).toSorted();
    expect(await taken(40)).toEqual(expected);
  });

  it('reaches every job of a partition that holds more than are read at a time', async () => {
    const jobs = JOBS_A_PAGE + 1;
    await publish(jobs, 1, 1);
    expect(await rewriteJobs(backend, without)).toEqual({ rewritten: jobs, undecodable: [] });
    const found = new Set<unknown>();
    expect(await readJobs(backend, async ([item]) => void found.add(item))).toEqual([]);
    expect(found.size).toBe(jobs);
    expect([...found].filter((item) => String(item).includes('Ada'))).toEqual([]);
  });

  it.each(['other JSON', 'no JSON'] as const)('goes on past a job that holds %s, and tells which it is', async (spoiled) => {
    await publish(6, 1);
    const undecodable = await Promise.all([spoil('activity-0', spoiled), spoil('activity-1', spoiled)]);
    expect(await rewriteJobs(backend, without)).toEqual({ rewritten: 4, undecodable });
    expect(await readJobs(backend, async () => undefined)).toEqual(undecodable);
  });

  it('gives the error of who rewrites, and not one of the queue', async () => {
    await publish(1);
    await letters.add({ reason: 'r', detail: 'd', source: 's', payload: 'p' });
    const fail = () => Promise.reject(new TypeError('a mistake'));
    await expect(rewriteJobs(backend, fail)).rejects.toThrow(TypeError);
    await expect(rewriteDeadLetters(backend, fail)).rejects.toThrow(TypeError);
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
    expect(await rewriteJobs(backend, async () => null)).toEqual(NOTHING);
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

  const letter = (name: string) => ({ reason: 'r', detail: 'd', source: 's', payload: { z: 1, name, a: { c: 1, b: 2 } } });
  const anonymous = (one: { payload: unknown }) => {
    const { name } = one.payload as { name: string };
    return name === 'x' ? undefined : { ...(one.payload as object), name: 'x' };
  };

  it('knows a letter by what it says now: the same one, put aside again under its new name, is not kept twice', async () => {
    await letters.add(letter('Ada'));
    const [before] = (await letters.list({ limit: 1 })).letters;
    expect(await rewriteDeadLetters(backend, async (one) => anonymous(one))).toEqual({ rewritten: 1, removed: 0 });
    await letters.add(letter('x'));
    expect((await letters.list({ limit: 10 })).letters).toEqual([{ ...before, payload: letter('x').payload }]);
    await letters.remove(before?.id ?? '');
    await letters.add(letter('x'));
    expect(await letters.count()).toBe(1);
  });

  it('makes one of two letters that say the same from then on', async () => {
    await letters.addAll([letter('Ada'), letter('Bob'), letter('x')]);
    expect(await rewriteDeadLetters(backend, async (one) => anonymous(one))).toEqual({ rewritten: 2, removed: 0 });
    expect((await letters.list({ limit: 10 })).letters).toMatchObject([{ payload: { name: 'x' } }]);
    await letters.add(letter('x'));
    expect(await letters.count()).toBe(1);
  });

  it('leaves no hash by which a guess at what a letter said could be proved', async () => {
    const said = contentId(letter('Ada'));
    await letters.add(letter('Ada'));
    await letters.add(letter('Ada'));
    const places = async () =>
      find([said], await (database === undefined ? redisTexts(redisUrl()) : databaseTexts(database.url)));
    expect((await places()).length).toBeGreaterThanOrEqual(2);
    await rewriteDeadLetters(backend, async (one) => anonymous(one));
    expect(await places()).toEqual([]);
  });

  it.each(['other JSON', 'no JSON'] as const)(
    'shows a letter that holds %s as what it is, beside the others',
    async (spoiled) => {
      await letters.addAll([letter('Ada'), letter('Bob')]);
      const { id } = await spoil(DEAD_LETTER_QUEUE, spoiled);
      const page = await letters.list({ limit: 10 });
      expect(page.letters).toMatchObject([
        { id, reason: 'malformed_letter', payload: expect.anything() },
        { reason: 'r', payload: { name: 'Ada' } },
      ]);
      expect(JSON.stringify(page.letters[0]?.payload)).toContain('Ada');
      const shown: unknown[] = [];
      await readDeadLetters(backend, async ({ reason }) => void shown.push(reason));
      expect(shown.toSorted()).toEqual(['malformed_letter', 'r']);
      expect(await letters.get(id)).toEqual(page.letters[0]);
      expect(await letters.remove(id)).toBe(true);
      expect(await letters.count()).toBe(1);
    },
  );
});
