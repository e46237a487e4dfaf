import { readSettings } from '@bbb-activity/config/read-settings';
import { Closers } from '@bbb-activity/runtime/closers';
import { listen } from '@bbb-activity/runtime/listen';
import { runApp } from '@bbb-activity/runtime/run-app';
import { openStore } from '@bbb-activity/store/client';
import { checkDatabase } from '@bbb-activity/store/ready';
import { buildDashboard } from './app.js';
import { storeMeetingReader } from './meeting-reader.js';
import { storeHooks } from './store-hooks.js';

/** Ingress has the default port where both run on one machine. */
const DEFAULT_PORT = '8081';

await runApp('dashboard', async ({ environment, log }) => {
  const settings = readSettings(
    { ...environment, PORT: environment['PORT'] || DEFAULT_PORT },
    ['HOST', 'PORT', 'DB_MAX_CONNECTIONS'],
    ['DATABASE_URL', 'ADMIN_TOKEN'],
  );
  const closers = new Closers();
  const store = openStore({ databaseUrl: settings.DATABASE_URL, maxConnections: settings.DB_MAX_CONNECTIONS });
  closers.add(() => store.close());
  await checkDatabase(store);
  const app = await buildDashboard({
    meetings: storeMeetingReader(store),
    hooks: storeHooks(environment, store),
    adminToken: settings.ADMIN_TOKEN,
    ready: () => checkDatabase(store),
    log,
  });
  closers.add(() => app.close());
  const address = await listen(app, settings);
  log.info({ address }, 'dashboard listening');
  return closers;
});
