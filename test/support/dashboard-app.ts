import { buildDashboard, type DashboardAppOptions } from '@bbb-activity/app-dashboard/app';
import { dashboardParts, readDashboardSettings } from '@bbb-activity/app-dashboard/start';
import type { Environment } from '@bbb-activity/config/variables';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import type { Store } from '@bbb-activity/store/client';
import { checkDatabase } from '@bbb-activity/store/ready';
import { createLogger } from '@bbb-activity/telemetry/logger';
import type { FastifyInstance } from 'fastify';
import { createDatabase, ownPrefix, redisUrl } from './services.js';

export const ADMIN_TOKEN = 'a-token-of-an-admin';

export interface DashboardApp {
  readonly app: FastifyInstance;
  readonly backend: QueueBackend;
  readonly deadLetters: DeadLetters;
  close(): Promise<void>;
}

/** A dashboard as production wires it, on a store and on a queue of its own. */
export async function openDashboard(
  store: Store,
  environment: Environment,
  queue: 'redis' | 'postgres' = 'redis',
  overrides: Partial<DashboardAppOptions> = {},
): Promise<DashboardApp> {
  const database = queue === 'postgres' ? await createDatabase() : null;
  const backend = await connectBackend({ kind: queue, url: database?.url ?? redisUrl(), prefix: ownPrefix() });
  const deadLetters = await DeadLetters.open(backend);
  const settings = readDashboardSettings({ ADMIN_TOKEN, ...environment });
  const log = overrides.log ?? createLogger({ app: 'test', level: 'silent' });
  const app = await buildDashboard({
    ...dashboardParts(settings, backend, deadLetters, store, log),
    ready: () => checkDatabase(store),
    trustedProxies: settings.TRUSTED_PROXIES ?? [],
    ...overrides,
  });
  return {
    app,
    backend,
    deadLetters,
    async close() {
      await app.close();
      await backend.close();
      await database?.drop();
    },
  };
}
