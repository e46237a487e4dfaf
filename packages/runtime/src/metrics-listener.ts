import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { Metrics } from '@bbb-activity/telemetry/metrics';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { type HealthChecks, registerHealth } from './health-routes.js';
import { listen } from './listen.js';
import { ownRequestLines, registerNotFound } from './request-lines.js';

const REQUEST_TIMEOUT_MS = 10_000;

export interface MetricsListener {
  readonly address: string;
  close(): Promise<void>;
}

/** The metrics of a process where METRICS_PORT is set; null where nobody asks for them, and nothing is to be counted. @throws ConfigError */
export function openMetrics(environment: Environment, app: string): Metrics | null {
  return readSettings(environment, ['METRICS_PORT']).METRICS_PORT === undefined ? null : new Metrics(app);
}

/**
 * Serves `/metrics`, and `/healthz` and `/readyz` beside it, on a port of their own: what is for operators alone is not where the world sends its
 * requests, and the worker has no other port. Null where there are no metrics.
 *
 * @throws ConfigError naming METRICS_HOST or METRICS_PORT where that is to blame
 */
export async function listenForMetrics(
  environment: Environment,
  metrics: Metrics | null,
  checks: HealthChecks,
  log: Logger,
): Promise<MetricsListener | null> {
  if (metrics === null) return null;
  const { METRICS_HOST, METRICS_PORT } = readSettings(environment, ['METRICS_HOST'], ['METRICS_PORT']);
  const logger: FastifyBaseLogger = log;
  const app = Fastify({ requestTimeout: REQUEST_TIMEOUT_MS, loggerInstance: logger, logController: ownRequestLines() });
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
  registerNotFound(app);
  registerHealth(app, checks);
  const address = await listen(app, { HOST: METRICS_HOST, PORT: METRICS_PORT }, { host: 'METRICS_HOST', port: 'METRICS_PORT' });
  log.info({ address }, 'metrics listening');
  return { address, close: () => app.close() };
}
