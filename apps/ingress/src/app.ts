import { registerHealth } from '@bbb-activity/runtime/health-routes';
import { ownRequestLines, registerNotFound } from '@bbb-activity/runtime/request-lines';
import type { Logger } from '@bbb-activity/telemetry/logger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { EndpointOptions } from './endpoint-options.js';
import { ingressRoutes } from './routes.js';

const REQUEST_TIMEOUT_MS = 10_000;

/** Server settings that ingress needs, wherever its routes are registered. */
export const SERVER_OPTIONS = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  http: {
    // Node waits for a body as long as the larger of the two says, and headersTimeout alone would be 60 s.
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    // Node looks for late requests only every 30 s unless told; then 10 s could be 40.
    connectionsCheckingInterval: 1_000,
  },
  // An idle proxy connection is kept longer than the usual proxy keeps it, so that it is never closed under a request.
  keepAliveTimeout: 75_000,
} as const;

export interface IngressOptions extends EndpointOptions {
  /** Rejects while the queue is not there, and no spool takes its place. */
  readonly ready: () => Promise<unknown>;
  /** Addresses of the proxies whose word on a caller's address is believed; none: nobody's is. */
  readonly trustedProxies: readonly string[];
  readonly log: Logger;
}

/** The ingress server: verify, read, enqueue, answer. Not listening yet. */
export async function buildIngress(options: IngressOptions): Promise<FastifyInstance> {
  const log: FastifyBaseLogger = options.log;
  const app = Fastify({
    ...SERVER_OPTIONS,
    loggerInstance: log,
    // No route reads a query: the signature of one is over its text.
    routerOptions: { querystringParser: () => ({}) },
    logController: ownRequestLines(),
    // Who comes over a kept connection while this one closes is served, and told to come over another next time.
    return503OnClosing: false,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
  });
  await app.register(ingressRoutes, options);
  registerNotFound(app);
  registerHealth(app, { queue: options.ready });
  return app;
}
