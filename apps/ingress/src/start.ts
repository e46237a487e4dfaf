import { ConfigError } from '@bbb-activity/config/config-error';
import { readSettings } from '@bbb-activity/config/read-settings';
import { deriveKey, KEY_SOURCES, keySourceOf } from '@bbb-activity/config/secret-key';
import { readTenants } from '@bbb-activity/config/tenants';
import type { Environment } from '@bbb-activity/config/variables';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { kindOfName } from '@bbb-activity/events/event-names';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionCountError } from '@bbb-activity/queue/errors';
import { HighWaterMark } from '@bbb-activity/queue/high-water';
import { readPartitionCount } from '@bbb-activity/queue/partition-count';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { type EndpointOptions, INTAKE_LIMITS } from './endpoint-options.js';
import { Intake } from './intake.js';
import { tenantsOf } from './tenant.js';

export interface IngressParts {
  /** For {@link ingressRoutes}. */
  readonly endpoints: EndpointOptions;
  /** Rejects while the queue is not there, and once it has another number of partitions: this process must then be started anew. */
  readonly ready: () => Promise<void>;
  /** Writes what is still gathered. */
  close(): Promise<void>;
}

export type IngressSettings = ReturnType<typeof readIngressSettings>;

/** What the environment tells ingress. Throws ConfigError, also where it holds no secret at all: nothing could be verified. */
export function readIngressSettings(environment: Environment) {
  const settings = readSettings(environment, ['PUBLIC_URL', 'PARTITIONS', 'INGRESS_LINGER_MS']);
  const tenants = readTenants(environment);
  const keySource = keySourceOf(readSettings(environment, KEY_SOURCES));
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
 * Wires ingress to the queue.
 *
 * @throws PartitionCountError where the queue was made with another number of partitions
 */
export async function ingressParts(
  settings: IngressSettings,
  backend: QueueBackend,
  deadLetters: DeadLetters,
  log: Logger,
): Promise<IngressParts> {
  const { tenants, keySource } = settings;
  for (const { accessUrlId, salts, kernelSecrets } of tenants.all.values()) {
    const accessUrl = accessUrlId;
    if (salts.length === 0) log.warn({ accessUrl }, 'BBB_SECRET is missing: the legacy endpoint answers plugin_not_configured');
    if (kernelSecrets.length === 0)
      log.warn({ accessUrl }, 'KERNEL_SECRET is missing: no request to the modern endpoint counts as signed');
  }

  const identityKey = deriveKey(keySource, 'event identity');
  const highWater = await HighWaterMark.watch(backend, { log });
  const publisher = await PartitionPublisher.open<ConferenceEvent>(backend, {
    partitions: settings.PARTITIONS,
    lingerMs: settings.INGRESS_LINGER_MS,
    highWater,
  });
  return {
    endpoints: {
      tenants: tenantsOf(tenants),
      intake: new Intake(publisher, deadLetters, identityKey),
      identityKey,
      limits: INTAKE_LIMITS,
      publicUrl: settings.PUBLIC_URL ?? null,
    },
    async ready() {
      await backend.ping();
      const count = await readPartitionCount(backend);
      if (count !== null && count !== settings.PARTITIONS) throw new PartitionCountError(count, settings.PARTITIONS);
    },
    async close() {
      await Promise.all([publisher.close(), highWater.close()]);
    },
  };
}
