import { PostgresQueue } from '@bbb-activity/queue/postgres-queue';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { items, TestStore } from './stores.js';

const RECORD = '{"count":1}';

describe('a write that BullMQ refuses without an error of PostgreSQL', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['with a code', [[null, -5]]],
    ['by fewer answers than jobs', []],
  ])('%s is not committed by the next write', async (_, answer) => {
    const store = await TestStore.create('postgres');
    try {
      const backend = await store.connect();
      const publisher = await store.publisher(backend);
      await publisher.publish(items(0, 1));
      const { addFlow } = PostgresQueue.prototype;
      vi.spyOn(PostgresQueue.prototype, 'addFlow').mockImplementationOnce(async function (this: PostgresQueue, entries) {
        await addFlow.call(this, entries);
        return answer as Awaited<ReturnType<typeof addFlow>>;
      });
      const writer = await backend.writer(3_000);
      store.onClose(() => writer.close());
      const job = (n: number) => ({ queueName: 'activity-0', name: '1 item', data: JSON.stringify({ items: [n] }) });
      await expect(writer.add([job(1)], RECORD)).rejects.toThrow('BullMQ');
      expect(await writer.add([job(2)], RECORD)).toBe('written');
      const waiting = await backend.nextWaiting('activity-0', 10);
      expect(waiting.map(({ data }) => data)).toEqual([{ items: [{ key: 'a', n: 0 }] }, { items: [2] }]);
      await expect(writer.add([job(3)], 'another')).resolves.toEqual({ record: RECORD });
      expect(await backend.replacePartitionRecord(RECORD, RECORD)).toBe(true);
    } finally {
      await store.close();
    }
  });
});
