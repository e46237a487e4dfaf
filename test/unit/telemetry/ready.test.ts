import { registerHealth } from '@bbb-activity/runtime/health-routes';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';

describe('/readyz', () => {
  it('tells by its name which dependency is wrong, with 503, and nothing of why', async () => {
    const app = Fastify();
    let isAway = true;
    registerHealth(app, {
      database: async () => undefined,
      queue: async () => {
        if (isAway) throw new Error('redis://:secret@10.0.0.1 refuses');
        return 'spooling';
      },
    });
    const wrong = await app.inject('/readyz');
    expect(wrong.statusCode).toBe(503);
    expect(wrong.headers['retry-after']).toMatch(/^\d+$/);
    expect(wrong.json()).toEqual({ ok: false, database: 'ok', queue: 'unavailable' });
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    isAway = false;
    const right = await app.inject('/readyz');
    expect([right.statusCode, right.json()]).toEqual([200, { ok: true, database: 'ok', queue: 'spooling' }]);
    await app.close();
  });
});
