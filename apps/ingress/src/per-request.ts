import type { FastifyRequest } from 'fastify';

/** One value of each request, kept on the request itself: a WeakMap of all that are on their way is walked through by each collection of garbage. */
export class PerRequest<T> {
  readonly #key = Symbol('per request');

  get(request: FastifyRequest): T | undefined {
    return this.#on(request)[this.#key];
  }

  set(request: FastifyRequest, value: T): void {
    this.#on(request)[this.#key] = value;
  }

  #on(request: FastifyRequest): Record<symbol, T | undefined> {
    return request as unknown as Record<symbol, T | undefined>;
  }
}
