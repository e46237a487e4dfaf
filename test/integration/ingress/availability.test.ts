import { connect } from 'node:net';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import { changePartitionCount } from '@bbb-activity/queue/partition-count';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, post } from '../../support/bbb-sender.js';
import { type IngressServer, startIngress } from '../../support/ingress-server.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';
import { until } from '../../support/until.js';

describe('ingress while the queue is away', () => {
  let redis: RedisServer;
  let ingress: IngressServer;

  beforeEach(async () => {
    redis = await startRedisServer({ port: String(await freePort()) });
    ingress = await startIngress({}, redis.url);
  });
  afterEach(async () => {
    await ingress.close();
    await redis.stop();
  });

  it('answers 503 with Retry-After, tells that it is not ready, and goes on by itself when the queue is back', async () => {
    const body = bbbBody([bbbEvent('user-joined')]);
    const send = () => post(callbackUrl(ingress.address), body);
    expect((await send()).status).toBe(200);
    expect((await fetch(`${ingress.address}/readyz`)).status).toBe(200);

    const { port } = new URL(redis.url);
    await redis.stop();
    const refused = await send();
    expect(refused).toMatchObject({ status: 503, json: { ok: false, error: 'queue_unavailable' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await fetch(`${ingress.address}/readyz`)).status).toBe(503);
    expect((await fetch(`${ingress.address}/healthz`)).status).toBe(200);

    redis = await startRedisServer({ port });
    await until('a delivery is taken again', async () => (await send()).status === 200);
    expect((await fetch(`${ingress.address}/readyz`)).status).toBe(200);
  });

  it('keeps nothing of a delivery that it did not acknowledge waiting in its memory', async () => {
    const { port } = new URL(redis.url);
    await redis.stop();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(
        (await post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined', { at: 1_800_000_000_000 + attempt })])))
          .status,
      ).toBe(503);
    }
    redis = await startRedisServer({ port });
    await until('the queue is back', async () => (await fetch(`${ingress.address}/readyz`)).status === 200);
    expect(await ingress.waiting()).toBe(0);
  });
});

describe('ingress once the queue has another number of partitions', () => {
  it('takes nothing and is not ready, so that it is started anew', async () => {
    const ingress = await startIngress();
    await changePartitionCount(ingress.backend, 5);
    expect((await post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined')]))).status).toBe(503);
    expect((await fetch(`${ingress.address}/readyz`)).status).toBe(503);
    await ingress.close();
  });
});

describe('a sender that is too slow', () => {
  it('is cut off after 10 seconds', async () => {
    const ingress = await startIngress();
    const { port, pathname, search } = new URL(callbackUrl(ingress.address));
    const started = Date.now();
    const socket = connect(Number(port), '127.0.0.1');
    const dripping = setInterval(() => socket.writable && socket.write('a'), 500);
    try {
      socket.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`);
      await new Promise<void>((done) =>
        socket
          .once('close', () => done())
          .on('error', () => undefined)
          .resume(),
      );
    } finally {
      clearInterval(dripping);
      socket.destroy();
      await ingress.close();
    }
    // Nothing before the limit, and the next look at late requests soon after it.
    expect(Date.now() - started).toBeGreaterThanOrEqual(9_900);
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});
