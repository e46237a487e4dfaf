// Ingress as its own main composes it, in a process that dies at one exact point of a delivery: beside what makes its events durable.
import { buildIngress } from '@bbb-activity/app-ingress/app';
import { ingressParts, readIngressSettings } from '@bbb-activity/app-ingress/start';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { listen } from '@bbb-activity/runtime/listen';
import { runApp } from '@bbb-activity/runtime/run-app';
import { pass, withMembers } from './crash-point.mjs';

function crashingBackend(backend) {
  return withMembers(backend, {
    async writer(timeoutMs) {
      const writer = await backend.writer(timeoutMs);
      return withMembers(writer, {
        async add(jobs, record) {
          pass('before the queue has it');
          const outcome = await writer.add(jobs, record);
          if (outcome === 'written') pass('after the queue has it');
          return outcome;
        },
      });
    },
  });
}

function crashingLetters(deadLetters) {
  return withMembers(deadLetters, {
    async addAll(letters) {
      pass('before the dead letter is kept');
      await deadLetters.addAll(letters);
      pass('after the dead letter is kept');
    },
  });
}

function crashingIntake(intake) {
  return withMembers(intake, {
    async take(...args) {
      const outcome = await intake.take(...args);
      pass('before the answer');
      return outcome;
    },
  });
}

await runApp('ingress', async ({ environment, log }) => {
  const backend = crashingBackend(await connectBackend(readQueueSettings(environment), log));
  const deadLetters = crashingLetters(await DeadLetters.open(backend));
  const parts = await ingressParts(readIngressSettings(environment), backend, deadLetters, log);
  const intake = crashingIntake(parts.endpoints.intake);
  const app = await buildIngress({ ...parts.endpoints, intake, ready: parts.ready, trustedProxies: [], log });
  const address = await listen(app, readSettings(environment, ['HOST', 'PORT']));
  log.info({ address }, 'ingress listening');
  return app;
});
