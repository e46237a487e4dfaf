import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { Closers } from '@bbb-activity/runtime/closers';
import { listen } from '@bbb-activity/runtime/listen';
import { runApp } from '@bbb-activity/runtime/run-app';
import { buildIngress } from './app.js';
import { ingressParts, readIngressSettings } from './start.js';

await runApp('ingress', async ({ environment, log }) => {
  const { HOST, PORT } = readSettings(environment, ['HOST', 'PORT']);
  const settings = readIngressSettings(environment);
  const queue = readQueueSettings(environment);
  const closers = new Closers();
  const backend = await connectBackend(queue, log);
  closers.add(() => backend.close());
  const deadLetters = await DeadLetters.open(backend, { log });
  const parts = await ingressParts(settings, backend, deadLetters, log);
  closers.add(() => parts.close());
  const app = await buildIngress({ ...parts.endpoints, ready: parts.ready, log });
  closers.add(() => app.close());
  const address = await listen(app, { HOST, PORT });
  log.info({ address }, 'ingress listening');
  return closers;
});
