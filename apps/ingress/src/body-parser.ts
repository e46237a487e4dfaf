import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BodyBudget, type HeldBytes } from './body-budget.js';
import { readBoundedBody } from './bounded-body.js';
import type { IntakeLimits } from './endpoint-options.js';
import { PerRequest } from './per-request.js';
import { takeContentType } from './sent-content-type.js';

const watchers = new PerRequest<(piece: Buffer) => void>();

/** Has a request's body told to `watch` piece by piece, also what is over the limit and not kept. */
export function watchBody(request: FastifyRequest, watch: (piece: Buffer) => void): void {
  watchers.set(request, watch);
}

/**
 * Every body becomes a BoundedBody, whatever its content type: a delivery is never refused for what it is sent as, nor for its size.
 *
 * Each endpoint has a budget of its own: the modern one knows who signed a body only when it is read, so that strangers can fill its budget, which then
 * leaves the legacy one all of its room.
 */
export function parseEveryBody(app: FastifyInstance, { bodyBytes: limit, allBodiesBytes }: IntakeLimits): void {
  const budgets = new Map<string | undefined, BodyBudget>();
  function budgetOf({ routeOptions: { url } }: FastifyRequest): BodyBudget {
    const known = budgets.get(url);
    if (known !== undefined) return known;
    const budget = new BodyBudget(allBodiesBytes);
    budgets.set(url, budget);
    return budget;
  }
  const holding = new PerRequest<HeldBytes>();
  app.addHook('onRequest', (request, reply, done) => {
    takeContentType(request);
    const held = budgetOf(request).open();
    holding.set(request, held);
    // Whether it was answered, or its connection broke.
    reply.raw.once('close', () => held.release());
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => {
    const budget = budgetOf(request);
    const held = holding.get(request) ?? budget.open();
    readBoundedBody(payload, { limit, budget, held, watch: watchers.get(request) }).then(
      (body) => done(null, body),
      (error: Error) => done(error),
    );
  });
}
