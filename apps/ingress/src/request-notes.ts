import type { FastifyRequest } from 'fastify';

export interface RequestNotes {
  /** A short fixed term. */
  readonly outcome?: string;
  /** Proven by a signature. */
  readonly accessUrl?: number;
  readonly [field: string]: unknown;
}

const notes = new WeakMap<FastifyRequest, RequestNotes>();

/** Adds fields to the one log line that a request gets when it is answered. Never a secret, never anything of a body. */
export function note(request: FastifyRequest, fields: RequestNotes): void {
  notes.set(request, { ...notes.get(request), ...fields });
}

export function notesOf(request: FastifyRequest): RequestNotes {
  return notes.get(request) ?? {};
}
