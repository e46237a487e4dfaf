import { readSettings } from '@bbb-activity/config/read-settings';
import { readTenants } from '@bbb-activity/config/tenants';
import type { Environment } from '@bbb-activity/config/variables';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import type { Store } from '@bbb-activity/store/client';
import type { Logger } from '@bbb-activity/telemetry/logger';
import type { Metrics } from '@bbb-activity/telemetry/metrics';
import type { DashboardOptions } from './dashboard.js';
import { requestMetrics } from './request-records.js';
import { storeHooks } from './store-hooks.js';
import { VERSION } from './version.js';

export type DashboardSettings = ReturnType<typeof readDashboardSettings>;

/** What the environment tells the dashboard. Throws ConfigError. */
export function readDashboardSettings(environment: Environment) {
  const settings = readSettings(
    environment,
    ['ADMIN_TOKEN_PREVIOUS', 'PUBLIC_URL', 'DASHBOARD_URL', 'TRUSTED_PROXIES', 'PARTITIONS', 'DB_MAX_TRANSACTIONS_PER_SECOND'],
    ['ADMIN_TOKEN'],
  );
  return { ...settings, tenants: readTenants(environment), environment };
}

/** Wires the dashboard to a queue and a store. */
export function dashboardParts(
  settings: DashboardSettings,
  backend: QueueBackend,
  deadLetters: DeadLetters,
  store: Store,
  log: Logger,
  metrics: Metrics | null = null,
): DashboardOptions {
  return {
    store,
    backend,
    deadLetters,
    hooks: storeHooks(settings.environment, store),
    adminTokens: [settings.ADMIN_TOKEN, settings.ADMIN_TOKEN_PREVIOUS].filter((token) => token !== undefined),
    publicUrl: settings.DASHBOARD_URL ?? settings.PUBLIC_URL ?? null,
    saltsOf: (accessUrlId) => settings.tenants.all.get(accessUrlId)?.salts ?? [],
    version: VERSION,
    partitions: settings.PARTITIONS,
    maxTransactionsPerSecond: settings.DB_MAX_TRANSACTIONS_PER_SECOND,
    log,
    meter: metrics === null ? null : requestMetrics(metrics),
  };
}
