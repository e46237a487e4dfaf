import { randomUUID } from 'node:crypto';
import { METHODS } from 'node:http';
import { LEGACY_PATH } from '@bbb-activity/signatures/legacy-url';
import { flatLines } from '@bbb-activity/telemetry/logger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseEveryBody } from './body-parser.js';
import type { EndpointOptions } from './endpoint-options.js';
import { answerFailure } from './failed-delivery.js';
import { registerLegacyEndpoint } from './legacy-endpoint.js';
import { MODERN_PATH, registerModernEndpoint } from './modern-endpoint.js';
import { isLogged, notesOf } from './request-notes.js';
import { endTrace } from './traced-intake.js';

/**
 * Both endpoints with their answers, as a plugin: a server of their own registers it, and so does the standalone's one server.
 * Every request is one log line; an error becomes 503 where it may pass, so that the sender tries again.
 */
export async function ingressRoutes(app: FastifyInstance, options: EndpointOptions): Promise<void> {
  // Part of an event's identity where nothing tells its time: never twice the same, in no process.
  app.setGenReqId(() => randomUUID());
  // A logger of its own for each request is made, and serialises its number, before it is known whether there is anything to say.
  app.setChildLoggerFactory((log) => log);
  const lines = flatLines(app.log);
  parseEveryBody(app, options.limits);

  function tell(request: FastifyRequest, reply: FastifyReply): void {
    const level = reply.statusCode >= 500 ? 'warn' : 'info';
    const path = request.routeOptions.url;
    const notes = notesOf(request);
    if (isLogged(request)) {
      const ms = Math.round(reply.elapsedTime);
      lines[level]({ reqId: request.id, path, status: reply.statusCode, ms, ...notes }, 'delivery');
    }
    endTrace(request, reply);
    options.meter?.answered({
      endpoint: path === MODERN_PATH ? 'modern' : 'legacy',
      outcome: notes.outcome ?? `status_${reply.statusCode}`,
      accessUrl: notes.accessUrl ?? null,
      seconds: reply.elapsedTime / 1_000,
    });
  }
  app.addHook('onResponse', (request, reply, done) => {
    tell(request, reply);
    done();
  });
  const { refused } = options;
  app.setErrorHandler((error, request, reply) => answerFailure(error, request, reply, { refused, tell }));

  registerLegacyEndpoint(app, options);
  registerModernEndpoint(app, options);

  // A redirect turns the sender's POST into a GET, which it would count as delivered (docs/wire.md, "Retry and failure").
  for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  for (const url of [LEGACY_PATH, MODERN_PATH]) {
    app.route({
      method: app.supportedMethods.filter((method) => method !== 'POST'),
      url,
      handler: async (_request, reply) =>
        reply.code(405).header('allow', 'POST').send({ ok: false, error: 'method_not_allowed' }),
    });
  }
}
