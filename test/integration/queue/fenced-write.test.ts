import type { QueueBackend } from '@bbb-activity/queue/backend';
import { QueueUnavailableError } from '@bbb-activity/queue/errors';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import type { JobWriter } from '@bbb-activity/queue/queue-backend';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../support/until.js';
import { gate, type Item, items, KINDS, TestStore } from './stores.js';

const RECORD = '{"count":1}';
const job = (n: number) => ({ queueName: 'activity-0', name: '1 item', data: { items: [n] } });

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

  /** What happens between the moment the writer has read the record and the moment it hears of it. */
  function afterRecordRead(happens: (client: Redis) => Promise<unknown>): void {
    const { get } = Redis.prototype;
    vi.spyOn(Redis.prototype, 'get').mockImplementationOnce(async function (this: Redis, key) {
      const found = await get.call(this, key);
      await happens(this);
      return found;
    });
  }

  it('is refused when the record changes after it was read', async () => {
    afterRecordRead(() => backend.replacePartitionRecord(RECORD, '{"count":1,"drainingTo":2}'));
    await expect(writer.add([job(1)], RECORD)).rejects.toThrow();
    expect(await waiting(backend)).toEqual([]);
    expect(await writer.add([job(1)], RECORD)).toEqual({ record: '{"count":1,"drainingTo":2}' });
  });

  it('is refused when the connection that watches the record is lost, however soon there is another', async () => {
    afterRecordRead(async (client) => {
      const id = await client.client('ID');
      await backend.replacePartitionRecord(RECORD, '{"count":1,"drainingTo":2}');
      const closed = new Promise((resolve) => client.once('close', resolve));
      const other = new Redis(store.options.url);
      await other.client('KILL', 'ID', id);
      other.disconnect();
      await closed;
      await until('the client is back, or gone for good', () => ['ready', 'end'].includes(client.status));
    });
    await expect(writer.add([job(1)], RECORD)).rejects.toThrow();
    expect(await waiting(backend)).toEqual([]);
    expect(await writer.add([job(1)], RECORD)).toEqual({ record: '{"count":1,"drainingTo":2}' });
  });

  it('that was given up adds nothing any more, and does not loosen the fence of the next one', async () => {
    const { passed, open } = gate();
    afterRecordRead(() => passed);
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
