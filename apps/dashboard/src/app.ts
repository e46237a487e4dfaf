import type { Logger } from '@bbb-activity/telemetry/logger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { type ReadApiOptions, readApi } from './read-api.js';

export interface DashboardOptions extends ReadApiOptions {
  /** Rejects while the database is not there. */
  readonly ready: () => Promise<void>;
  readonly log: Logger;
}

/** The dashboard's own server. The standalone registers {@link readApi} in its one server instead. */
export async function buildDashboard(options: DashboardOptions): Promise<FastifyInstance> {
  const log: FastifyBaseLogger = options.log;
  const app = Fastify({ loggerInstance: log, disableRequestLogging: true });
  await app.register(readApi, options);
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (request, reply) => {
    try {
      await options.ready();
      return { ok: true, database: 'ok' };
    } catch (error) {
      request.log.warn({ err: error }, 'not ready');
      return reply.code(503).send({ ok: false, database: 'unavailable' });
    }
  });
  return app;
}
