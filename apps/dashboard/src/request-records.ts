import type { Logger } from '@bbb-activity/telemetry/logger';
import { DURATION_BUCKETS, type Metrics } from '@bbb-activity/telemetry/metrics';
import type { FastifyInstance } from 'fastify';

/** One request that was answered. */
export interface AnsweredRequest {
  /** The route's pattern: never what stands in its place. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

export interface RequestMeter {
  answered(request: AnsweredRequest): void;
}

/** What Prometheus is told of the dashboard (docs/monitoring.md, "Dashboard"). */
export function requestMetrics(metrics: Metrics): RequestMeter {
  const requests = metrics.counter({
    name: 'bbb_activity_http_requests_total',
    help: 'Requests to the dashboard that were answered',
    labels: ['route', 'method', 'status'],
  });
  const seconds = metrics.histogram(
    { name: 'bbb_activity_http_request_seconds', help: 'How long an answer of the dashboard took', labels: ['route'] },
    DURATION_BUCKETS,
  );
  return {
    answered({ route, method, status, seconds: took }) {
      requests.inc({ route, method, status });
      seconds.observe({ route }, took);
    },
  };
}

/**
 * One line of the log and one count for each request of this context. Of the URL they tell the route's pattern alone: in its query there may be a
 * signature, and in its place a person's id.
 */
export function recordRequests(app: FastifyInstance, log: Logger, meter: RequestMeter | null): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, id } = request;
    const route = request.routeOptions.url ?? 'none';
    const status = reply.statusCode;
    const level = status >= 500 ? 'warn' : 'info';
    const by = request.caller?.by ?? null;
    log[level]({ reqId: id, method, route, status, ms: Math.round(reply.elapsedTime), by }, 'request');
    meter?.answered({ route, method, status, seconds: reply.elapsedTime / 1_000 });
  });
}
