import type { FastifyReply, FastifyRequest } from 'fastify';
import { MODERN_PATH } from './modern-endpoint.js';
import type { RefusedSources } from './refused-sources.js';
import { leaveUnlogged, note } from './request-notes.js';

const RETRY_AFTER_SECONDS = '2';
/** The queue is away, or there is no room: it can be sent again in a moment. */
const UNAVAILABLE = ['queue_unavailable', 'overloaded'];

export interface FailureOptions {
  readonly refused: RefusedSources;
  /** Tells the log and the metrics of a request. Done by itself for what is answered. */
  readonly tell: (request: FastifyRequest, reply: FastifyReply) => void;
}

/** Answers a request that ended with an error, and notes for the log what it was. Only a fault of ours is an error of the log. */
export function answerFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { refused, tell }: FailureOptions,
): FastifyReply {
  const code = codeOf(error);
  if (code === 'broken_body' || code === 'scattered_body') {
    note(request, { outcome: code, from: request.ip });
    // A body that is not whole proves nothing: at the modern endpoint anybody may send one.
    if (request.routeOptions.url === MODERN_PATH && refused.add(request.ip) !== null) leaveUnlogged(request);
    reply.code(400).header('connection', 'close');
    if (code === 'scattered_body') return reply.send({ ok: false, error: code });
    tell(request, reply);
    return reply.hijack();
  }
  reply.code(503).header('retry-after', RETRY_AFTER_SECONDS);
  if (UNAVAILABLE.includes(code)) {
    note(request, { outcome: code, reason: error instanceof Error ? error.message : String(error) });
    return reply.send({ ok: false, error: code });
  }
  // Nothing was acknowledged, and the sender tries again.
  note(request, { outcome: 'internal_error' });
  request.log.error({ reqId: request.id, err: error, path: request.routeOptions.url }, 'delivery not taken');
  return reply.send({ ok: false, error: 'internal_error' });
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
