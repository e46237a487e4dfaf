import { ConfigError } from '@bbb-activity/config/config-error';
import { readSettings } from '@bbb-activity/config/read-settings';
import { deriveKey, keySourceOf } from '@bbb-activity/config/secret-key';
import type { Environment } from '@bbb-activity/config/variables';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { eventFilter } from '@bbb-activity/events/event-filter';
import { kindOfName } from '@bbb-activity/events/event-names';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionCountError } from '@bbb-activity/queue/errors';
import { readPartitionCount } from '@bbb-activity/queue/partition-count';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { type EndpointOptions, INTAKE_LIMITS } from './endpoint-options.js';
import { Intake } from './intake.js';

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
  const settings = readSettings(environment, [
    'ACCESS_URL_ID',
    'WEBHOOK_SALT',
    'BBB_SECRET',
    'KERNEL_SECRET',
    'IDENTITY_KEY',
    'PUBLIC_URL',
    'WEBHOOKS_ENABLED',
    'WEBHOOKS_HASH_ALGO',
    'WEBHOOKS_EVENT_FILTER',
    'WEBHOOKS_ALLOW_UNTIMED',
    'PARTITIONS',
    'INGRESS_LINGER_MS',
  ]);
  const salt = settings.WEBHOOK_SALT ?? settings.BBB_SECRET;
  const keySource = keySourceOf(settings);
  if (keySource === undefined)
    throw new ConfigError('BBB_SECRET is missing (or WEBHOOK_SALT, or KERNEL_SECRET): nothing could be verified');
  const unknown = settings.WEBHOOKS_EVENT_FILTER?.find((name) => kindOfName(name) === null);
  if (unknown !== undefined) throw new ConfigError(`WEBHOOKS_EVENT_FILTER names ${unknown}, which is no known event`);
  return { ...settings, salt, keySource };
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
  const { salt, keySource } = settings;
  if (salt === undefined) log.warn('BBB_SECRET is missing: the legacy endpoint answers plugin_not_configured');
  if (settings.KERNEL_SECRET === undefined)
    log.warn('KERNEL_SECRET is missing: no request to the modern endpoint counts as signed');

  const identityKey = deriveKey(keySource, 'event identity');
  const publisher = await PartitionPublisher.open<ConferenceEvent>(backend, {
    partitions: settings.PARTITIONS,
    lingerMs: settings.INGRESS_LINGER_MS,
  });
  return {
    endpoints: {
      tenant: {
        accessUrlId: settings.ACCESS_URL_ID,
        salts: present(salt),
        kernelSecrets: present(settings.KERNEL_SECRET),
        bbbSecrets: present(settings.BBB_SECRET),
        hashAlgo: settings.WEBHOOKS_HASH_ALGO,
        enabled: settings.WEBHOOKS_ENABLED,
        eventFilter: eventFilter(settings.WEBHOOKS_EVENT_FILTER ?? []),
        allowUntimed: settings.WEBHOOKS_ALLOW_UNTIMED,
      },
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
    close: () => publisher.close(),
  };
}

function present(secret: string | undefined): readonly string[] {
  return secret === undefined ? [] : [secret];
}
