import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { Closers } from '@bbb-activity/runtime/closers';
import { listen } from '@bbb-activity/runtime/listen';
import { listenForMetrics, openMetrics } from '@bbb-activity/runtime/metrics-listener';
import { runApp } from '@bbb-activity/runtime/run-app';
import { openStore } from '@bbb-activity/store/client';
import { checkDatabase } from '@bbb-activity/store/ready';
import { buildDashboard } from './app.js';
import { dashboardParts, readDashboardSettings } from './start.js';

/** Ingress has the default port where both run on one machine. */
const DEFAULT_PORT = '8081';

await runApp('dashboard', async ({ environment, log }) => {
  const settings = readSettings(
    { ...environment, PORT: environment['PORT'] || DEFAULT_PORT },
    ['HOST', 'PORT', 'DB_MAX_CONNECTIONS'],
    ['DATABASE_URL'],
  );
  const dashboardSettings = readDashboardSettings(environment);
  const queue = readQueueSettings(environment);
  const closers = new Closers();
  try {
    const store = openStore({ databaseUrl: settings.DATABASE_URL, maxConnections: settings.DB_MAX_CONNECTIONS });
    closers.add(() => store.close());
    await checkDatabase(store);
    const backend = await connectBackend(queue, log);
    closers.add(() => backend.close());
    const deadLetters = await DeadLetters.open(backend, { log });
    const metrics = openMetrics(environment, 'dashboard');
    const app = await buildDashboard({
      ...dashboardParts(dashboardSettings, backend, deadLetters, store, log, metrics),
      ready: () => checkDatabase(store),
      trustedProxies: dashboardSettings.TRUSTED_PROXIES ?? [],
    });
    closers.add(() => app.close());
    const checks = { database: () => checkDatabase(store), queue: () => backend.ping() };
    const listener = await listenForMetrics(environment, metrics, checks, log);
    if (listener !== null) closers.add(() => listener.close());
    const address = await listen(app, settings);
    log.info({ address, queue: queue.kind }, 'dashboard listening');
    return closers;
  } catch (error) {
    await closers.close();
    throw error;
  }
});
