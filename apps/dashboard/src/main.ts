import { readSettings } from '@bbb-activity/config/read-settings';
import { Closers } from '@bbb-activity/runtime/closers';
import { runApp } from '@bbb-activity/runtime/run-app';
import { openStore } from '@bbb-activity/store/client';
import { buildDashboard } from './app.js';
import { storeMeetingReader } from './meeting-reader.js';

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
  const app = await buildDashboard({
    meetings: storeMeetingReader(store),
    adminToken: settings.ADMIN_TOKEN,
    ready: () => store.ping(),
    log,
  });
  closers.add(() => app.close());
  const address = await app.listen({ host: settings.HOST, port: settings.PORT });
  log.info({ address }, 'dashboard listening');
  return closers;
});
