import { buildIngress } from '@bbb-activity/app-ingress/app';
import { Intake } from '@bbb-activity/app-ingress/intake';
import { ingressParts, readIngressSettings } from '@bbb-activity/app-ingress/start';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
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
const parts = await ingressParts(settings, backend, deadLetters, log);
const sink = {
  requireRoom() {},
  async publish(items: readonly { readonly key: string; readonly item: unknown }[]) {
    const added = items.map(({ key, item }) =>
      backend
        .queue(partitionQueueName(partitionOf(key, settings.PARTITIONS)))
        .add('event', encodePayload([item]), { removeOnComplete: true }),
    );
    await Promise.all(added);
  },
};
const intake = new Intake(sink, deadLetters, parts.endpoints.identityKey);
const app = await buildIngress({ ...parts.endpoints, intake, ready: parts.ready, trustedProxies: [], log });
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => parts.close())
    .then(() => backend.close());
});
