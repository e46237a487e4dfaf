import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { connectBackend } from '@bbb-activity/queue/backend';
import { itemsOf } from '@bbb-activity/queue/job-payload';
import { partitionQueueName } from '@bbb-activity/queue/partition-of';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { BatchMemory } from '@bbb-activity/store/batch-memory';
import { openStore } from '@bbb-activity/store/client';
import { createLogger } from '@bbb-activity/telemetry/logger';

// The same partitions and the same transaction, but a job at a time, as BullMQ's workers are meant.
const settings = readSettings(process.env, ['PARTITIONS', 'DB_MAX_CONNECTIONS'], ['DATABASE_URL']);
const log = createLogger({ app: 'worker', level: 'info' });
const backend = await connectBackend(readQueueSettings(process.env), log);
const store = openStore({ databaseUrl: settings.DATABASE_URL, maxConnections: settings.DB_MAX_CONNECTIONS });
const memory = BatchMemory.over(store);
const queues = Array.from({ length: settings.PARTITIONS }, (_, partition) => partitionQueueName(partition));
await Promise.all(queues.map((name) => backend.queue(name).setGlobalConcurrency(1)));
const workers = queues.map((name) => {
  const worker = backend.worker(
    name,
    async (job) => {
      const events = itemsOf(job.data);
      if (events === null) throw new TypeError('a job holds no events');
      await applyBatch(store, events as ConferenceEvent[], { policy: 'register', memory });
    },
    { concurrency: 1 },
  );
  worker.on('error', (error) => log.error({ err: error }, 'a worker reports an error'));
  worker.on('failed', (_job, error) => log.error({ err: error }, 'an event was not applied'));
  void worker.run();
  return worker;
});
process.once('SIGTERM', () => {
  void Promise.all(workers.map((worker) => worker.close())).then(() => Promise.all([backend.close(), store.close()]));
});
