import type { FastifyRequest } from 'fastify';

const VALUES = Symbol('values of this request');
let slots = 0;

interface WithValues {
  [VALUES]?: unknown[];
}

/**
 * One value of each request, kept on the request itself, in one list of all such values: a WeakMap of all requests on their way is walked through
 * by each collection of garbage, and a property for each value makes the engine look for it.
 */
export class PerRequest<T> {
  readonly #slot: number;

  constructor() {
    this.#slot = slots;
    slots += 1;
  }

  get(request: FastifyRequest): T | undefined {
    return (request as WithValues)[VALUES]?.[this.#slot] as T | undefined;
  }

  set(request: FastifyRequest, value: T): void {
    const held: WithValues = request as WithValues;
    held[VALUES] ??= new Array<unknown>(slots);
    held[VALUES][this.#slot] = value;
  }
}
