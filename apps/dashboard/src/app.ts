import { registerHealth } from '@bbb-activity/runtime/health-routes';
import { ownRequestLines } from '@bbb-activity/runtime/request-lines';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { withoutPlatformPath } from './base-path.js';
import { type DashboardOptions, dashboard } from './dashboard.js';

export interface DashboardAppOptions extends DashboardOptions {
  /** Rejects while the database is not there. */
  readonly ready: () => Promise<void>;
  /** Addresses of the proxies whose word on the caller's address is believed; none: nobody's is. */
  readonly trustedProxies: readonly string[];
}

/** The dashboard's own server. The standalone registers {@link dashboard} in its one server instead. */
export async function buildDashboard(options: DashboardAppOptions): Promise<FastifyInstance> {
  const log: FastifyBaseLogger = options.log;
  const app = Fastify({
    loggerInstance: log,
    logController: ownRequestLines(),
    rewriteUrl: withoutPlatformPath,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
  });
  await app.register(dashboard, options);
  registerHealth(app, { database: options.ready, queue: () => options.backend.ping() });
  return app;
}
