import { readSettings } from '@bbb-activity/config/read-settings';
import { readKey } from '@bbb-activity/config/secret-key';
import type { Environment } from '@bbb-activity/config/variables';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import type { Store } from '@bbb-activity/store/client';
import { checkErasureKey } from '@bbb-activity/store/erased';
import { type Instruments, NO_INSTRUMENTS } from '@bbb-activity/telemetry/instruments';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { buildWorker } from './app.js';
import { readScheduleSettings, startScheduledJobs } from './scheduled.js';
import { meterSharedState } from './shared-metrics.js';
import { WorkerMetrics } from './worker-metrics.js';

export type WorkerSettings = ReturnType<typeof readWorkerSettings>;

/** What the environment tells the workers. Throws ConfigError. */
export function readWorkerSettings(environment: Environment) {
  const settings = readSettings(environment, [
    'PARTITIONS',
    'WORKER_PARTITIONS',
    'MEETING_POLICY',
    'BATCH_MAX_EVENTS',
    'DB_MAX_TRANSACTIONS_PER_SECOND',
  ]);
  return { ...settings, erasureKey: readKey(environment, 'erasure'), schedule: readScheduleSettings(environment) };
}

/**
 * Starts the workers on a queue and a store, and the scheduled jobs. `close` waits for the batches that run.
 *
 * @throws ErasureKeyError where something was erased and the environment holds no key, or another one, to recognise it
 */
export async function workerParts(
  settings: WorkerSettings,
  backend: QueueBackend,
  deadLetters: DeadLetters,
  store: Store,
  log: Logger,
  { metrics, tracing }: Instruments = NO_INSTRUMENTS,
): Promise<{ close(): Promise<void> }> {
  await checkErasureKey(store, settings.erasureKey);
  if (metrics !== null) meterSharedState(metrics, { backend, deadLetters, store });
  const workers = buildWorker({
    backend,
    store,
    deadLetters,
    partitions: settings.PARTITIONS,
    concurrentPartitions: settings.WORKER_PARTITIONS ?? settings.PARTITIONS,
    policy: settings.MEETING_POLICY,
    erasureKey: settings.erasureKey,
    batchMaxEvents: settings.BATCH_MAX_EVENTS,
    maxTransactionsPerSecond: settings.DB_MAX_TRANSACTIONS_PER_SECOND,
    log,
    meter: metrics === null ? null : new WorkerMetrics(metrics, settings.DB_MAX_TRANSACTIONS_PER_SECOND),
    tracing,
  });
  try {
    await workers.start();
    const scheduled = await startScheduledJobs(settings.schedule, backend, store, log);
    log.info({ partitions: settings.PARTITIONS, queue: backend.kind }, 'worker started');
    return { close: async () => void (await Promise.all([scheduled.close(), workers.close()])) };
  } catch (error) {
    await workers.close();
    throw error;
  }
}
