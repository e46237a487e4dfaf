import type { FastifyRequest } from 'fastify';
import { PerRequest } from './per-request.js';

export interface RequestNotes {
  /** A short fixed term. */
  readonly outcome?: string;
  /** Proven by a signature. */
  readonly accessUrl?: number;
  readonly [field: string]: unknown;
}

const notes = new PerRequest<RequestNotes[]>();

/** Adds fields to the one log line that a request gets when it is answered. Never a secret, never anything of a body. */
export function note(request: FastifyRequest, fields: RequestNotes): void {
  const before = notes.get(request);
  if (before === undefined) notes.set(request, [fields]);
  else before.push(fields);
}

/** Put together once, when they are asked for (docs/decisions/object-spread.md). */
export function notesOf(request: FastifyRequest): RequestNotes {
  return Object.assign({}, ...(notes.get(request) ?? []));
}

const unlogged = new PerRequest<true>();

/** For what a stranger may send without end: the request gets no line. It is counted all the same. */
export function leaveUnlogged(request: FastifyRequest): void {
  unlogged.set(request, true);
}

export function isLogged(request: FastifyRequest): boolean {
  return unlogged.get(request) !== true;
}
