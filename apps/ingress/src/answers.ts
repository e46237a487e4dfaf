import type { FastifyReply } from 'fastify';
import type { IntakeOutcome } from './intake.js';
import { note } from './request-notes.js';

/** Answers 200 in the form of Chamilo's endpoints, and notes for the log why a delivery that was accepted gave nothing. */
export function accept(reply: FastifyReply, why?: string): FastifyReply {
  const told = why === undefined ? {} : { note: why };
  note(reply.request, { outcome: 'accepted', ...told });
  return reply.code(200).send({ ok: true, ...told });
}

/** Answers 200 and tells the sender what became of its events; the log is told the unknown names too. */
export function acceptIntake(reply: FastifyReply, outcome: IntakeOutcome): FastifyReply {
  const told = outcome.note === null ? {} : { note: outcome.note };
  note(reply.request, { outcome: 'accepted', ...outcome, ...told });
  const { unknownNames: _names, note: _note, ...counts } = outcome;
  return reply.code(200).send({ ok: true, ...counts, ...told });
}

/** Answers an error in the form of Chamilo's endpoints, and notes it and its sender for the log. */
export function refuse(reply: FastifyReply, status: 400 | 403 | 500, error: string, message?: string): FastifyReply {
  note(reply.request, { outcome: error, from: reply.request.ip });
  return reply.code(status).send({ ok: false, error, ...(message === undefined ? {} : { message }) });
}
