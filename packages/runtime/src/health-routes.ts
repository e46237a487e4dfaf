import type { FastifyInstance } from 'fastify';

const RETRY_AFTER_SECONDS = '2';

/** By the dependency's name a function that rejects while it is not there, and may resolve with a word that is told in the place of `ok`. */
export type HealthChecks = Readonly<Record<string, () => Promise<unknown>>>;

/** `/healthz`: the process answers. `/readyz`: every dependency does, each told by name, 503 if one does not. */
export function registerHealth(app: FastifyInstance, checks: HealthChecks): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (request, reply) => {
    const states = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          const state = await check();
          return [name, typeof state === 'string' ? state : 'ok', true] as const;
        } catch (error) {
          request.log.warn({ err: error, dependency: name }, 'not ready');
          return [name, 'unavailable', false] as const;
        }
      }),
    );
    const ok = states.every(([, , isThere]) => isThere);
    if (!ok) reply.code(503).header('retry-after', RETRY_AFTER_SECONDS);
    return reply.send({ ok, ...Object.fromEntries(states.map(([name, state]) => [name, state])) });
  });
}
