import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { type BackendOptions, connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { openStore } from '@bbb-activity/store/client';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { buildWorker } from './app.js';

/** Connects to the queue and the database and starts the workers, as the environment tells. */
export async function startWorker(
  environment: Environment,
  queue: BackendOptions,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const settings = readSettings(
    environment,
    ['PARTITIONS', 'MEETING_POLICY', 'BATCH_MAX_EVENTS', 'DB_MAX_TRANSACTIONS_PER_SECOND', 'DB_MAX_CONNECTIONS'],
    ['DATABASE_URL'],
  );
  const backend = await connectBackend(queue, log);
  const store = openStore({ databaseUrl: settings.DATABASE_URL, maxConnections: settings.DB_MAX_CONNECTIONS });
  await store.ping();
  const deadLetters = await DeadLetters.open(backend);
  const workers = buildWorker({
    backend,
    store,
    deadLetters,
    partitions: settings.PARTITIONS,
    policy: settings.MEETING_POLICY,
    batchMaxEvents: settings.BATCH_MAX_EVENTS,
    maxTransactionsPerSecond: settings.DB_MAX_TRANSACTIONS_PER_SECOND,
    log,
  });
  await workers.start();
  log.info({ partitions: settings.PARTITIONS, queue: queue.kind }, 'worker started');
  return {
    async close() {
      await workers.close();
      await deadLetters.close();
      await backend.close();
      await store.close();
    },
  };
}
