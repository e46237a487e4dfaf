import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import type { Store } from '@bbb-activity/store/client';
import { type AppProcess, startApp } from '../../support/app-process.js';
import { ownPrefix, redisUrl } from '../../support/services.js';
import { createStore } from '../store/store-fixture.js';

const PARTITIONS = 2;

/** A database and a queue of a test's own, for worker processes as they are in production. */
export interface WorkerPlace {
  readonly store: Store;
  readonly backend: QueueBackend;
  readonly deadLetters: DeadLetters;
  publish(...events: readonly ConferenceEvent[]): Promise<void>;
  start(environment?: Readonly<Record<string, string>>): Promise<AppProcess>;
  close(): Promise<void>;
}

export async function openWorkerPlace(kind: 'redis' | 'postgres'): Promise<WorkerPlace> {
  const fixture = await createStore();
  const prefix = ownPrefix();
  const url = kind === 'redis' ? redisUrl() : fixture.database.url;
  const backend = await connectBackend({ kind, url, prefix });
  const publisher = await PartitionPublisher.open<ConferenceEvent>(backend, { partitions: PARTITIONS });
  const deadLetters = await DeadLetters.open(backend);
  const apps: AppProcess[] = [];
  return {
    store: fixture.store,
    backend,
    deadLetters,
    async publish(...events) {
      await publisher.publish(events.map((item) => ({ key: partitionKeyOf(item), item })));
    },
    async start(environment = {}) {
      const app = await startApp('worker', {
        DATABASE_URL: fixture.database.url,
        QUEUE_PREFIX: prefix,
        PARTITIONS: String(PARTITIONS),
        ...(kind === 'redis' ? { REDIS_URL: url } : {}),
        ...environment,
      });
      apps.push(app);
      return app;
    },
    async close() {
      await Promise.all(apps.map((app) => app.stop('SIGKILL')));
      await publisher.close();
      await backend.close();
      await fixture.close();
    },
  };
}
