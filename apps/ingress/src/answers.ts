import type { FastifyReply } from 'fastify';
import type { IntakeOutcome } from './intake.js';
import type { RefusedSources } from './refused-sources.js';
import { leaveUnlogged, note } from './request-notes.js';

/** Answers 200 in the form of Chamilo's endpoints, and notes for the log why a delivery that was accepted gave nothing. */
export function accept(reply: FastifyReply, why?: string): FastifyReply {
  const told = why === undefined ? {} : { note: why };
  note(reply.request, { outcome: 'accepted', ...told });
  return reply.code(200).send({ ok: true, ...told });
}

/** Answers 200 and tells the sender what became of its events; the log is told the unknown names too. */
export function acceptIntake(reply: FastifyReply, outcome: IntakeOutcome): FastifyReply {
  note(reply.request, { outcome: 'accepted', ...outcome });
  const { events, filtered, unknown, malformed } = outcome;
  const counts = { ok: true, events, filtered, unknown, malformed };
  return reply.code(200).send(outcome.note === null ? counts : { ...counts, note: outcome.note });
}

/** Answers an error in the form of Chamilo's endpoints, and notes it and its sender for the log. */
export function refuse(reply: FastifyReply, status: 400 | 403 | 500, error: string, message?: string): FastifyReply {
  note(reply.request, { outcome: error, from: reply.request.ip });
  return reply.code(status).send({ ok: false, error, ...(message === undefined ? {} : { message }) });
}

/**
 * Refuses a signature. A source of too many is told to wait, loses its connection, and has no further lines in the log; what it signs rightly is taken
 * all the same.
 */
export function refuseSignature(
  reply: FastifyReply,
  refused: RefusedSources,
  status: 400 | 403,
  error: 'missing_signature_fields' | 'bad_signature' | 'expired_signature',
): FastifyReply {
  const wait = refused.add(reply.request.ip);
  if (wait === null) return refuse(reply, status, error);
  note(reply.request, { outcome: 'too_many_failures' });
  leaveUnlogged(reply.request);
  reply.header('retry-after', String(wait)).header('connection', 'close');
  return reply.code(429).send({ ok: false, error: 'too_many_failures' });
}
