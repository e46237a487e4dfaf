import { registerHealth } from '@bbb-activity/runtime/health-routes';
import { ownRequestLines, registerNotFound } from '@bbb-activity/runtime/request-lines';
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
  const app = Fastify({ loggerInstance: log, logController: ownRequestLines() });
  await app.register(readApi, options);
  registerNotFound(app);
  registerHealth(app, { database: options.ready });
  return app;
}
