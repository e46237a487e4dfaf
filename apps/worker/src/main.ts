import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { Closers } from '@bbb-activity/runtime/closers';
import { runApp } from '@bbb-activity/runtime/run-app';
import { openStore } from '@bbb-activity/store/client';
import { checkDatabase } from '@bbb-activity/store/ready';
import { readWorkerSettings, workerParts } from './start.js';

await runApp('worker', async ({ environment, log }) => {
  const settings = readSettings(environment, ['DB_MAX_CONNECTIONS'], ['DATABASE_URL']);
  const workerSettings = readWorkerSettings(environment);
  const queue = readQueueSettings(environment);
  const closers = new Closers();
  const backend = await connectBackend(queue, log);
  closers.add(() => backend.close());
  const store = openStore({ databaseUrl: settings.DATABASE_URL, maxConnections: settings.DB_MAX_CONNECTIONS });
  closers.add(() => store.close());
  await checkDatabase(store);
  const deadLetters = await DeadLetters.open(backend, { log });
  const workers = await workerParts(workerSettings, backend, deadLetters, store, log);
  closers.add(() => workers.close());
  return closers;
});
