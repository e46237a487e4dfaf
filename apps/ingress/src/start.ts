import { ConfigError } from '@bbb-activity/config/config-error';
import { readSettings } from '@bbb-activity/config/read-settings';
import { deriveKey, readKeySource } from '@bbb-activity/config/secret-key';
import { readTenants } from '@bbb-activity/config/tenants';
import type { Environment } from '@bbb-activity/config/variables';
import { kindOfName } from '@bbb-activity/events/event-names';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { Spool } from '@bbb-activity/spool/spool';
import { type Instruments, NO_INSTRUMENTS } from '@bbb-activity/telemetry/instruments';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { type EndpointOptions, INTAKE_LIMITS } from './endpoint-options.js';
import { IngressMetrics, meterPressure } from './ingress-metrics.js';
import { type IngressQueue, openIngressQueue } from './ingress-queue.js';
import { Intake } from './intake.js';
import { RefusedSources } from './refused-sources.js';
import { SpoolingQueue } from './spooling-queue.js';
import { tenantsOf } from './tenant.js';

export interface IngressParts {
  /** For {@link ingressRoutes}. */
  readonly endpoints: EndpointOptions;
  /** See {@link IngressQueue.ready}. */
  readonly ready: () => Promise<unknown>;
  /** Writes what is still gathered. The backend stays open. */
  close(): Promise<void>;
}

export type IngressSettings = ReturnType<typeof readIngressSettings>;

/** What the environment tells ingress. Throws ConfigError, also where it holds no secret at all: nothing could be verified. */
export function readIngressSettings(environment: Environment) {
  const settings = readSettings(environment, [
    'IDENTITY_KEY',
    'PUBLIC_URL',
    'TRUSTED_PROXIES',
    'PARTITIONS',
    'INGRESS_LINGER_MS',
    'SPOOL_DIR',
    'SPOOL_MAX_BYTES',
  ]);
  const tenants = readTenants(environment);
  const keySource = readKeySource(environment);
  if (keySource === undefined) {
    throw new ConfigError(
      tenants.file === null
        ? 'BBB_SECRET is missing (or WEBHOOK_SALT, or KERNEL_SECRET): nothing could be verified'
        : 'IDENTITY_KEY is missing: TENANTS_FILE holds no secret that is the same for all access URLs',
    );
  }
  for (const { filter, filterSource } of tenants.all.values()) {
    const unknown = filter.find((name) => kindOfName(name) === null);
    if (unknown !== undefined) throw new ConfigError(`${filterSource} names ${unknown}, which is no known event`);
  }
  return { ...settings, tenants, keySource };
}

/**
 * Wires ingress to the queue of a backend.
 *
 * @throws PartitionCountError where the queue was made with another number of partitions
 * @throws SpoolUnusableError
 */
export async function ingressParts(
  settings: IngressSettings,
  backend: QueueBackend,
  deadLetters: DeadLetters,
  log: Logger,
  instruments: Instruments = NO_INSTRUMENTS,
): Promise<IngressParts> {
  return ingressPartsOver(settings, await openIngressQueue(settings, backend, deadLetters, log), log, instruments);
}

/** The same over a queue that is open, or will be; with a spool before it where the settings name a folder. Closes it. @throws SpoolUnusableError */
export async function ingressPartsOver(
  settings: IngressSettings,
  opened: IngressQueue,
  log: Logger,
  { metrics, tracing }: Instruments = NO_INSTRUMENTS,
): Promise<IngressParts> {
  const { tenants, keySource, IDENTITY_KEY } = settings;
  if (IDENTITY_KEY === undefined)
    log.warn(
      'IDENTITY_KEY is missing: identities are made from a secret that may have to be changed; see "Changing a secret" in docs/operations.md',
    );
  for (const { accessUrlId, salts, kernelSecrets } of tenants.all.values()) {
    const accessUrl = accessUrlId;
    if (salts.length === 0) log.warn({ accessUrl }, 'BBB_SECRET is missing: the legacy endpoint answers plugin_not_configured');
    if (kernelSecrets.length === 0)
      log.warn({ accessUrl }, 'KERNEL_SECRET is missing: no request to the modern endpoint counts as signed');
  }

  const identityKey = deriveKey(keySource, 'event identity');
  const queue = await withSpool(settings, opened, log);
  const meter = metrics === null ? null : new IngressMetrics(metrics);
  if (metrics !== null) meterPressure(metrics, () => queue.pressure());
  return {
    endpoints: {
      tenants: tenantsOf(tenants),
      intake: new Intake(queue.events, queue.letters, identityKey, meter),
      meter,
      tracing,
      identityKey,
      limits: INTAKE_LIMITS,
      refused: new RefusedSources({ log }),
      publicUrl: settings.PUBLIC_URL ?? null,
    },
    ready: () => queue.ready(),
    close: () => queue.close(),
  };
}

async function withSpool(
  { SPOOL_DIR, SPOOL_MAX_BYTES }: IngressSettings,
  queue: IngressQueue,
  log: Logger,
): Promise<IngressQueue> {
  if (SPOOL_DIR === undefined) return queue;
  try {
    return new SpoolingQueue(queue, await Spool.open(SPOOL_DIR, { maxBytes: SPOOL_MAX_BYTES, log }), log);
  } catch (error) {
    await queue.close();
    throw error;
  }
}
