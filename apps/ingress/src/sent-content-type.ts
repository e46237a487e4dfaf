import type { FastifyRequest } from 'fastify';
import { PerRequest } from './per-request.js';

const sent = new PerRequest<string | null>();

/**
 * Puts one content type under which Fastify reads any body, and keeps the sender's own. Fastify refuses a request whose content type it cannot
 * parse, but a genuine delivery is never refused for that: the body's first character tells its form.
 */
export function takeContentType(request: FastifyRequest): void {
  sent.set(request, request.headers['content-type'] ?? null);
  request.raw.headers['content-type'] = 'application/octet-stream';
}

/** The content type that the sender wrote. */
export function sentContentType(request: FastifyRequest): string | null {
  return sent.get(request) ?? null;
}
