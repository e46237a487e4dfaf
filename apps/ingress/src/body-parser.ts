import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readBoundedBody } from './bounded-body.js';
import { takeContentType } from './sent-content-type.js';

const watchers = new WeakMap<FastifyRequest, (piece: Buffer) => void>();

/** Has a request's body told to `watch` piece by piece, also what is over the limit and not kept. */
export function watchBody(request: FastifyRequest, watch: (piece: Buffer) => void): void {
  watchers.set(request, watch);
}

/** Every body becomes a BoundedBody, whatever its content type: a delivery is never refused for what it is sent as, nor for its size. */
export function parseEveryBody(app: FastifyInstance, limitBytes: number): void {
  app.addHook('onRequest', async (request) => takeContentType(request));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => {
    readBoundedBody(payload, limitBytes, watchers.get(request)).then(
      (body) => done(null, body),
      (error: Error) => done(error),
    );
  });
}
