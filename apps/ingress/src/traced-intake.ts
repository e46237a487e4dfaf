import type { Delivery } from '@bbb-activity/events/read-delivery';
import type { JobOrigin } from '@bbb-activity/queue/job-origin';
import type { TraceSpan, Tracing } from '@bbb-activity/telemetry/tracing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Intake, IntakeOutcome } from './intake.js';
import { PerRequest } from './per-request.js';
import { note, notesOf } from './request-notes.js';
import type { Tenant } from './tenant.js';

/** What proxies make of a request's id: hex digits, UUIDs, and their like. Anything else could steer whoever reads the log. */
const SANE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

const spans = new PerRequest<TraceSpan>();

/** The id that a proxy gave the request, where it is one. No part of an event's identity is made of it: a sender might choose it. */
export function edgeRequestId(request: FastifyRequest): string | null {
  const told = request.headers['x-request-id'];
  return typeof told === 'string' && SANE_ID.test(told) ? told : null;
}

export interface TracedIntakeOptions {
  readonly intake: Intake;
  readonly tracing: Tracing | null;
}

/** {@link Intake.take}, with the request's id and trace told to the jobs that its events go into. Only what is signed is traced. */
export async function takeTraced(
  reply: FastifyReply,
  { intake, tracing }: TracedIntakeOptions,
  delivery: Delivery,
  tenant: Tenant,
): Promise<IntakeOutcome> {
  const { request } = reply;
  const edge = edgeRequestId(request);
  const id = edge ?? request.id;
  if (edge !== null) note(request, { requestId: edge });
  if (tracing === null) return intake.take(delivery, tenant, [{ request: id }]);

  const parent = request.headers['traceparent'];
  const span = tracing.begin('delivery', {
    kind: 'server',
    parent: typeof parent === 'string' ? parent : null,
    startedAt: Date.now() - reply.elapsedTime,
    attributes: {
      'http.request.method': request.method,
      'http.route': request.routeOptions.url ?? '',
      'bbb_activity.request_id': id,
      'bbb_activity.access_url': tenant.accessUrlId,
    },
  });
  spans.set(request, span);
  if (span.traceId !== null) note(request, { trace: span.traceId });
  const publish = tracing.begin('publish', { kind: 'producer', parent: span.traceparent });
  try {
    return await intake.take(delivery, tenant, [originOf(id, publish)]);
  } catch (error) {
    publish.fail('not_taken');
    throw error;
  } finally {
    publish.end();
  }
}

/** Ends the request's span, where it has one, with what the log tells of it. */
export function endTrace(request: FastifyRequest, reply: FastifyReply): void {
  const span = spans.get(request);
  if (span === undefined) return;
  const { outcome = `status_${reply.statusCode}`, events } = notesOf(request);
  span.set({ 'http.response.status_code': reply.statusCode, 'bbb_activity.outcome': outcome });
  if (typeof events === 'number') span.set({ 'bbb_activity.events': events });
  if (reply.statusCode >= 500) span.fail(outcome);
  span.end();
}

function originOf(request: string, { traceparent }: TraceSpan): JobOrigin {
  return traceparent === null ? { request } : { request, trace: traceparent };
}
