import { randomBytes } from 'node:crypto';
import { buildIngress } from '@bbb-activity/app-ingress/app';
import type { IntakeLimits } from '@bbb-activity/app-ingress/endpoint-options';
import { ingressParts, readIngressSettings } from '@bbb-activity/app-ingress/start';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { PartitionWorkers } from '@bbb-activity/queue/partition-workers';
import { Closers } from '@bbb-activity/runtime/closers';
import { createLogger } from '@bbb-activity/telemetry/logger';
import type { FastifyInstance } from 'fastify';
import { ownPrefix, redisUrl } from './services.js';

const PARTITIONS = 2;
export const KEYS = {
  WEBHOOK_SALT: 'salt-of-the-plugin',
  BBB_SECRET: 'secret-of-the-server',
  KERNEL_SECRET: 'secret-of-the-kernel',
};

export interface IngressServer {
  readonly app: FastifyInstance;
  readonly address: string;
  readonly backend: QueueBackend;
  readonly deadLetters: DeadLetters;
  /** Every line that it logged, as text. */
  readonly log: string[];
  /** Waits for so many events, takes them out of the queue, and gives them in the order in which a worker gets them. */
  queued(expected: number): Promise<readonly ConferenceEvent[]>;
  /** How many jobs wait. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

/** Ingress as its own process would build it, on a queue of the test's own, in the run's Redis unless another is told; with smaller limits where told. */
export async function startIngress(
  environment: Readonly<Record<string, string>> = {},
  redis: string = redisUrl(),
  limits: Partial<IntakeLimits> = {},
): Promise<IngressServer> {
  const closers = new Closers();
  const lines: string[] = [];
  const log = createLogger({ app: 'ingress', level: 'trace', to: { write: (line) => lines.push(line) } });
  const backend = await connectBackend({ kind: 'redis', url: redis, prefix: ownPrefix() }, log);
  closers.add(() => backend.close());
  const deadLetters = await DeadLetters.open(backend, { log });
  const all = { ...KEYS, PARTITIONS: String(PARTITIONS), IDENTITY_KEY: randomBytes(16).toString('hex'), ...environment };
  const settings = readIngressSettings(all);
  const parts = await ingressParts(settings, backend, deadLetters, log);
  closers.add(() => parts.close());
  const app = await buildIngress({
    ...parts.endpoints,
    limits: { ...parts.endpoints.limits, ...limits },
    ready: parts.ready,
    trustedProxies: settings.TRUSTED_PROXIES ?? [],
    log,
  });
  closers.add(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });

  return {
    app,
    address,
    backend,
    deadLetters,
    log: lines,
    async queued(expected) {
      const taken: ConferenceEvent[] = [];
      let enough = (): void => undefined;
      const arrived = new Promise<void>((done) => {
        enough = done;
      });
      const workers = new PartitionWorkers<ConferenceEvent>(backend, {
        partitions: PARTITIONS,
        batchMaxItems: 500,
        maxBatchesPerSecond: null,
        deadLetters,
        handle: async (events) => {
          taken.push(...events);
          if (taken.length >= expected) enough();
        },
      });
      await workers.start();
      await arrived;
      await workers.close();
      return taken;
    },
    async waiting() {
      const depths = await readPartitionDepths(backend, PARTITIONS);
      return depths.reduce((sum, { waiting }) => sum + waiting, 0);
    },
    close: () => closers.close(),
  };
}
