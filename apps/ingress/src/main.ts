import { setTimeout as delay } from 'node:timers/promises';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { Closers } from '@bbb-activity/runtime/closers';
import { listen } from '@bbb-activity/runtime/listen';
import { listenForMetrics } from '@bbb-activity/runtime/metrics-listener';
import { openInstruments } from '@bbb-activity/runtime/open-instruments';
import { runApp } from '@bbb-activity/runtime/run-app';
import { buildIngress } from './app.js';
import { type IngressQueue, openIngressQueue } from './ingress-queue.js';
import { openLate } from './late-queue.js';
import { ingressPartsOver, readIngressSettings } from './start.js';

/**
 * A server that stops closes what is idle, also under a request that is on its way. So for a while before it does, each connection that is in use is
 * closed with an answer.
 */
const FAREWELL_MS = 1_000;

await runApp('ingress', async ({ environment, log }) => {
  const { HOST, PORT } = readSettings(environment, ['HOST', 'PORT']);
  const settings = readIngressSettings(environment);
  const queueSettings = readQueueSettings(environment);

  /** Connects, and opens all that ingress uses of the queue; closed as one. */
  async function connect(): Promise<IngressQueue> {
    const opened = new Closers();
    try {
      const backend = await connectBackend(queueSettings, log);
      opened.add(() => backend.close());
      const deadLetters = await DeadLetters.open(backend, { log });
      const queue = await openIngressQueue(settings, backend, deadLetters, log);
      opened.add(() => queue.close());
      return {
        events: queue.events,
        letters: queue.letters,
        ready: () => queue.ready(),
        pressure: () => queue.pressure(),
        close: () => opened.close(),
      };
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  const closers = new Closers();
  const instruments = await openInstruments(environment, 'ingress', log, closers);
  const queue = settings.SPOOL_DIR === undefined ? await connect() : await openLate(connect, log);
  const parts = await ingressPartsOver(settings, queue, log, instruments);
  closers.add(() => parts.close());
  const app = await buildIngress({ ...parts.endpoints, ready: parts.ready, trustedProxies: settings.TRUSTED_PROXIES ?? [], log });
  app.addHook('preClose', () => delay(FAREWELL_MS));
  closers.add(() => app.close());
  const metricsListener = await listenForMetrics(environment, instruments.metrics, { queue: parts.ready }, log);
  if (metricsListener !== null) closers.add(() => metricsListener.close());
  const address = await listen(app, { HOST, PORT });
  log.info({ address }, 'ingress listening');
  return closers;
});
