import type { QueueBackend } from '@bbb-activity/queue/backend';
import { QueueUnavailableError } from '@bbb-activity/queue/errors';
import { PARTITION_JOB_OPTIONS } from '@bbb-activity/queue/job-payload';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import type { JobWriter } from '@bbb-activity/queue/queue-backend';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../support/until.js';
import { gate, type Item, items, KINDS, TestStore } from './stores.js';

const RECORD = '{"count":1}';
const job = (n: number) => ({ queueName: 'activity-0', name: '1 item', data: JSON.stringify({ items: [n] }) });

async function waiting(backend: QueueBackend): Promise<unknown[]> {
  return (await backend.nextWaiting('activity-0', 100)).map(({ data }) => data);
}

describe('a write to Redis', () => {
  let store: TestStore;
  let backend: QueueBackend;
  let writer: JobWriter;
  beforeEach(async () => {
    store = await TestStore.create('redis');
    backend = await store.connect();
    await backend.createPartitionRecord(RECORD);
    writer = await backend.writer(3_000);
    store.onClose(() => writer.close());
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await store.close();
  });

  /** Everything that Redis keeps of a queue, without what differs from one job to the next: times and the ids of its stream's entries. */
  async function keptOf(queueName: string): Promise<Record<string, unknown>> {
    const redis = new Redis(store.options.url);
    const prefix = `${store.options.prefix}:${queueName}:`;
    const kept: Record<string, unknown> = {};
    for (const key of (await redis.keys(`${prefix}*`)).sort()) {
      const read = {
        hash: async () => {
          const { timestamp, opts, ...fields } = await redis.hgetall(key);
          return { ...fields, timed: /^\d{13}$/.test(timestamp ?? ''), opts: opts === undefined ? null : JSON.parse(opts) };
        },
        list: () => redis.lrange(key, 0, -1),
        zset: () => redis.zrange(key, '0', '-1', 'WITHSCORES'),
        stream: async () => (await redis.xrange(key, '-', '+')).map(([, fields]) => fields),
        string: () => redis.get(key),
      }[await redis.type(key)];
      kept[key.slice(prefix.length)] = await read?.();
    }
    redis.disconnect();
    return kept;
  }

  /** As BullMQ's own Queue adds it, which sets nothing else of the queue. */
  async function addByBullMq(queueName: string, name: string, data: unknown): Promise<void> {
    const redis = new Redis(store.options.url, { maxRetriesPerRequest: null });
    const queue = new Queue(queueName, { connection: redis, prefix: store.options.prefix, skipMetasUpdate: true });
    await queue.add(name, data, PARTITION_JOB_OPTIONS);
    await queue.close();
    redis.disconnect();
  }

  it.each<readonly [string, (name: string) => Promise<unknown>]>([
    ['a queue', (name) => backend.queue(name).waitUntilReady()],
    ['a queue that nobody has opened', async () => {}],
    ['a paused queue', (name) => backend.queue(name).pause()],
    [
      'a queue at its global concurrency',
      async (name) => {
        await backend.queue(name).setGlobalConcurrency(1);
        const redis = new Redis(store.options.url);
        await redis.lpush(`${store.options.prefix}:${name}:active`, 'another');
        redis.disconnect();
      },
    ],
  ])('leaves in %s what BullMQ itself leaves', async (_, prepare) => {
    await prepare('activity-0');
    await prepare('activity-1');
    const payloads = [{ items: ['\u0000ä', { n: 1 }] }, { json: '[1]' }];
    const jobs = payloads.map((data) => ({ queueName: 'activity-1', name: '2 items', data: JSON.stringify(data) }));
    expect(await writer.add(jobs, RECORD)).toBe('written');
    for (const data of payloads) await addByBullMq('activity-0', '2 items', data);
    const kept = await keptOf('activity-1');
    expect(kept).toEqual(await keptOf('activity-0'));
    expect(kept['wait']).toEqual(['2', '1']);
  });

  it('is refused whole where the record is another, and tells it', async () => {
    await backend.replacePartitionRecord(RECORD, '{"count":1,"drainingTo":2}');
    expect(await writer.add([job(1)], RECORD)).toEqual({ record: '{"count":1,"drainingTo":2}' });
    expect(await waiting(backend)).toEqual([]);
  });

  it('is written also where Redis has forgotten all scripts', async () => {
    const redis = new Redis(store.options.url);
    await redis.script('FLUSH');
    redis.disconnect();
    expect(await writer.add([job(1), job(2)], RECORD)).toBe('written');
    expect(await waiting(backend)).toEqual([{ items: [1] }, { items: [2] }]);
  });

  it('rejects where its connection is lost, and the next one has another', async () => {
    const { evalsha } = Redis.prototype;
    vi.spyOn(Redis.prototype, 'evalsha').mockImplementationOnce(async function (this: Redis, ...args: unknown[]) {
      const other = new Redis(store.options.url);
      await other.client('KILL', 'ID', await this.client('ID'));
      other.disconnect();
      await until('the client is gone for good', () => this.status === 'end');
      return Reflect.apply(evalsha, this, args);
    });
    await expect(writer.add([job(1)], RECORD)).rejects.toThrow();
    expect(await writer.add([job(2)], RECORD)).toBe('written');
    expect(await waiting(backend)).toEqual([{ items: [2] }]);
  });

  it('that was given up adds nothing any more', async () => {
    const { passed, open } = gate();
    const { evalsha } = Redis.prototype;
    vi.spyOn(Redis.prototype, 'evalsha').mockImplementationOnce(async function (this: Redis, ...args: unknown[]) {
      await passed;
      return Reflect.apply(evalsha, this, args);
    });
    const first = writer.add([job(1)], RECORD);
    const refused = expect(first).rejects.toThrow();
    writer.reset();
    expect(await writer.add([job(2)], RECORD)).toBe('written');
    open();
    await refused;
    expect(await waiting(backend)).toEqual([{ items: [2] }]);
  });
});

describe.each(KINDS)('a publish on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('that was rejected for its time writes nothing later, when the store had lost its record', async () => {
    const backend = await store.connect();
    const { passed, open } = gate();
    const openWriter = backend.writer.bind(backend);
    let adds = 0;
    let givenUp = false;
    backend.writer = async (timeoutMs) => {
      const writer = await openWriter(timeoutMs);
      const add = writer.add.bind(writer);
      writer.add = async (jobs, record) => {
        adds += 1;
        return adds === 1 ? { record: null } : add(jobs, record);
      };
      const reset = writer.reset.bind(writer);
      writer.reset = () => {
        reset();
        givenUp = true;
      };
      return writer;
    };
    const publisher = await PartitionPublisher.open<Item>(backend, { partitions: 1, timeoutMs: 300 });
    store.onClose(() => publisher.close());
    const create = backend.createPartitionRecord.bind(backend);
    let created = false;
    backend.createPartitionRecord = async (record) => {
      await passed;
      await create(record);
      created = true;
      return true;
    };
    await expect(publisher.publish(items(0, 1))).rejects.toThrow(QueueUnavailableError);
    await until('the write is given up', () => givenUp);
    open();
    await until('the record is there again', () => created);
    await publisher.publish(items(1, 2));
    expect(await waiting(backend)).toEqual([{ items: [{ key: 'a', n: 1 }] }]);
    expect(adds).toBe(2);
  });
});
