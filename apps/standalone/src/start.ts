import { resolve } from 'node:path';
import { withoutPlatformPath } from '@bbb-activity/app-dashboard/base-path';
import { dashboard } from '@bbb-activity/app-dashboard/dashboard';
import { dashboardParts, readDashboardSettings } from '@bbb-activity/app-dashboard/start';
import { SERVER_OPTIONS } from '@bbb-activity/app-ingress/app';
import { ingressRoutes } from '@bbb-activity/app-ingress/routes';
import { ingressParts, readIngressSettings } from '@bbb-activity/app-ingress/start';
import { readWorkerSettings, workerParts } from '@bbb-activity/app-worker/start';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { Closers } from '@bbb-activity/runtime/closers';
import { registerHealth } from '@bbb-activity/runtime/health-routes';
import { listen } from '@bbb-activity/runtime/listen';
import { listenForMetrics } from '@bbb-activity/runtime/metrics-listener';
import { openInstruments } from '@bbb-activity/runtime/open-instruments';
import { ownRequestLines } from '@bbb-activity/runtime/request-lines';
import { openStore, type Store } from '@bbb-activity/store/client';
import { migrate } from '@bbb-activity/store/migrate';
import type { Logger } from '@bbb-activity/telemetry/logger';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { type FirstUser, makeFirstUser } from './first-user.js';
import { standaloneSecrets } from './secrets.js';

export interface Standalone {
  /** Where it listens. */
  readonly address: string;
  /** The environment it runs with, its own secrets included. */
  readonly environment: Environment;
  readonly backend: QueueBackend;
  readonly store: Store;
  /** The first user of the dashboard, where it was made now; null where there are users. The password is kept nowhere. */
  readonly firstUser: FirstUser | null;
  close(): Promise<void>;
}

/**
 * Ingress, worker and dashboard in one process behind one port, on a database of its own in DATA_DIR unless DATABASE_URL names one, with the
 * queue in that database unless REDIS_URL names a Redis. Migrates the database by itself.
 *
 * @param onFailure told when the database ended by itself: the process cannot go on
 */
export async function startStandalone(given: Environment, log: Logger, onFailure: (error: Error) => void): Promise<Standalone> {
  const dataDir = resolve(readSettings(given, ['DATA_DIR']).DATA_DIR);
  const secrets = await standaloneSecrets(given, dataDir);
  log.info({ path: secrets.path, made: secrets.made }, secrets.made ? 'made random secrets' : 'using the secrets made before');

  // Everything is read before anything is started: a bad value stops the start at once.
  const settings = readSettings(secrets.environment, ['HOST', 'PORT', 'DATABASE_URL', 'DB_MAX_CONNECTIONS']);
  const workerSettings = readWorkerSettings(secrets.environment);
  const ingressSettings = readIngressSettings(secrets.environment);
  const dashboardSettings = readDashboardSettings(secrets.environment);
  readSettings(secrets.environment, ['REDIS_URL', 'REDIS_ALLOW_UNSAFE', 'QUEUE_PREFIX']);

  const closers = new Closers();
  try {
    const instruments = await openInstruments(secrets.environment, 'standalone', log, closers);
    let databaseUrl = settings.DATABASE_URL;
    if (databaseUrl === undefined) {
      const server = await startEmbeddedPostgres({
        dataDir: resolve(dataDir, 'postgres'),
        password: secrets.postgresPassword,
        onLog: (line) => log.debug({ line }, 'postgres'),
        onExit: (code) => onFailure(new Error(`the embedded PostgreSQL ended by itself (exit code ${code})`)),
      });
      closers.add(() => server.stop());
      databaseUrl = server.url;
    }
    const environment = { ...secrets.environment, DATABASE_URL: databaseUrl };
    const applied = await migrate(databaseUrl);
    if (applied.length > 0) log.info({ applied }, 'migrated the database');

    const queue = readQueueSettings(environment);
    const backend = await connectBackend(queue, log);
    closers.add(() => backend.close());
    const deadLetters = await DeadLetters.open(backend, { log });
    const store = openStore({ databaseUrl, maxConnections: settings.DB_MAX_CONNECTIONS });
    closers.add(() => store.close());
    const worker = await workerParts(workerSettings, backend, deadLetters, store, log, instruments);
    closers.add(() => worker.close());
    const ingress = await ingressParts(ingressSettings, backend, deadLetters, log, instruments);
    closers.add(() => ingress.close());

    const logger: FastifyBaseLogger = log;
    const firstUser = await makeFirstUser(store);
    const proxies = dashboardSettings.TRUSTED_PROXIES ?? [];
    const app = Fastify({
      ...SERVER_OPTIONS,
      loggerInstance: logger,
      logController: ownRequestLines(),
      rewriteUrl: withoutPlatformPath,
      trustProxy: proxies.length === 0 ? false : [...proxies],
    });
    await app.register(ingressRoutes, ingress.endpoints);
    const options = dashboardParts({ ...dashboardSettings, environment }, backend, deadLetters, store, log, instruments.metrics);
    await app.register(dashboard, options);
    const checks = { queue: ingress.ready, database: () => store.ping() };
    registerHealth(app, checks);
    const listener = await listenForMetrics(environment, instruments.metrics, checks, log);
    if (listener !== null) closers.add(() => listener.close());
    const address = await listen(app, settings);
    closers.add(() => app.close());
    log.info({ address, queue: queue.kind }, 'standalone listening');
    return { address, environment, backend, store, firstUser, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
