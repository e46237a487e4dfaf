import { buildIngress } from '@bbb-activity/app-ingress/app';
import { INTAKE_LIMITS } from '@bbb-activity/app-ingress/endpoint-options';
import { Intake } from '@bbb-activity/app-ingress/intake';
import { readIngressSettings } from '@bbb-activity/app-ingress/start';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { deriveKey } from '@bbb-activity/config/secret-key';
import { eventFilter } from '@bbb-activity/events/event-filter';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { encodePayload } from '@bbb-activity/queue/job-payload';
import { partitionOf, partitionQueueName } from '@bbb-activity/queue/partition-of';
import { createLogger } from '@bbb-activity/telemetry/logger';

// The product's ingress, but each event is added to its queue as a job of its own, as BullMQ's guide does it.
const settings = readIngressSettings(process.env);
const log = createLogger({ app: 'ingress', level: 'info' });
const backend = await connectBackend(readQueueSettings(process.env), log);
const deadLetters = await DeadLetters.open(backend, { log });
const identityKey = deriveKey(settings.keySource, 'event identity');
const sink = {
  async publish(items: readonly { readonly key: string; readonly item: unknown }[]) {
    await Promise.all(
      items.map(({ key, item }) =>
        backend
          .queue(partitionQueueName(partitionOf(key, settings.PARTITIONS)))
          .add('event', encodePayload([item]), { removeOnComplete: true }),
      ),
    );
  },
};
const app = await buildIngress({
  tenant: {
    accessUrlId: settings.ACCESS_URL_ID,
    salts: [settings.salt ?? ''],
    kernelSecrets: [],
    bbbSecrets: [settings.BBB_SECRET ?? ''],
    hashAlgo: settings.WEBHOOKS_HASH_ALGO,
    enabled: true,
    eventFilter: eventFilter([]),
    allowUntimed: false,
  },
  intake: new Intake(sink, deadLetters, identityKey),
  identityKey,
  limits: INTAKE_LIMITS,
  publicUrl: null,
  ready: () => backend.ping(),
  log,
});
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
process.once('SIGTERM', () => void app.close().then(() => backend.close()));
