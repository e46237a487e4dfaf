import { Hooks } from '@bbb-activity/bbb/hooks';
import { readSettings } from '@bbb-activity/config/read-settings';
import { readTenants } from '@bbb-activity/config/tenants';
import type { Environment } from '@bbb-activity/config/variables';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import { type ScheduledJob, ScheduledJobs } from '@bbb-activity/queue/scheduled-jobs';
import type { Store } from '@bbb-activity/store/client';
import { describeFailure } from '@bbb-activity/store/errors';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { bbbServers } from './bbb-servers.js';
import { tellMissingSettings, watchHooks } from './hook-watch.js';
import { emptyExpiredJournals } from './retention.js';
import { presumeStaleMeetings } from './stale-meetings.js';

const MINUTE_MS = 60_000;
/** As long as a sender goes on trying to deliver an event (docs/wire.md, "Retry and failure"): until then it may only be on its way. */
const QUIET_MS = 5 * MINUTE_MS;
const RETENTION_EVERY_MS = 10 * MINUTE_MS;

export type ScheduleSettings = ReturnType<typeof readScheduleSettings>;

/** What the environment tells the scheduled jobs. Throws ConfigError. */
export function readScheduleSettings(environment: Environment) {
  const settings = readSettings(environment, ['STALE_AFTER_SILENCE_MINUTES', 'EVENT_RETENTION_DAYS', 'PUBLIC_URL']);
  return { ...settings, tenants: readTenants(environment) };
}

/** The jobs that the worker processes share, as they are configured. */
export function scheduledJobs(settings: ScheduleSettings, store: Store, log: Logger): ScheduledJob[] {
  const { STALE_AFTER_SILENCE_MINUTES: minutes, EVENT_RETENTION_DAYS: days } = settings;
  const serverOf = bbbServers(settings.tenants);
  const silenceMs = minutes === 0 ? null : minutes * MINUTE_MS;
  const stale: ScheduledJob = {
    name: 'stale-meetings',
    everyMs: MINUTE_MS,
    run: (signal) => presumeStaleMeetings({ store, serverOf, quietMs: QUIET_MS, silenceMs, log }, signal),
  };
  const hooks = new Hooks({
    tenants: settings.tenants.all,
    publicUrl: settings.PUBLIC_URL ?? null,
    ledger: new HookLedger(store),
  });
  const watch: ScheduledJob = {
    name: 'hooks',
    everyMs: MINUTE_MS,
    run: (signal) => watchHooks(hooks, log, signal),
  };
  tellMissingSettings(hooks, settings.tenants, log);
  const retention: ScheduledJob = {
    name: 'retention',
    everyMs: RETENTION_EVERY_MS,
    run: (signal) => emptyExpiredJournals({ store, days, log }, signal),
  };
  return [stale, watch, ...(days === 0 ? [] : [retention])];
}

/** Starts the scheduled jobs of a worker process. `close` waits for the one that runs. */
export async function startScheduledJobs(
  settings: ScheduleSettings,
  backend: QueueBackend,
  store: Store,
  log: Logger,
): Promise<ScheduledJobs> {
  const scheduled = new ScheduledJobs(backend, { jobs: scheduledJobs(settings, store, log), log, describe: describeFailure });
  await scheduled.start();
  return scheduled;
}
