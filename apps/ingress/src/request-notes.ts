import type { FastifyRequest } from 'fastify';

const notes = new WeakMap<FastifyRequest, Record<string, unknown>>();

/** Adds fields to the one log line that a request gets when it is answered. Never a secret, never anything of a body. */
export function note(request: FastifyRequest, fields: Readonly<Record<string, unknown>>): void {
  notes.set(request, { ...notes.get(request), ...fields });
}

export function notesOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return notes.get(request) ?? {};
}
