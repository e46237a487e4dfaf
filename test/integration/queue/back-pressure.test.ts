import { connectBackend } from '@bbb-activity/queue/backend';
import { QueueUnavailableError } from '@bbb-activity/queue/errors';
import { HighWaterMark } from '@bbb-activity/queue/high-water';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, post } from '../../support/bbb-sender.js';
import { startIngress } from '../../support/ingress-server.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';
import { ownPrefix, redisUrl } from '../../support/services.js';
import { until } from '../../support/until.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Something that takes up memory of a Redis with a limit, and gives it back. */
async function ballast(redis: RedisServer): Promise<{ fill(): Promise<void>; remove(): Promise<void> }> {
  const client = new Redis(redis.url);
  closing.push(async () => client.disconnect());
  const limit = 40 * 1024 * 1024;
  await client.config('SET', 'maxmemory', String(limit));
  return {
    // In pieces, each a little below a size that is allocated as such: on its way in a value takes its size once more.
    async fill() {
      for (let piece = 0; piece < 32; piece += 1) await client.rpush('ballast', 'x'.repeat(limit / 40 - 4_096));
    },
    remove: async () => void (await client.del('ballast')),
  };
}

describe('a Redis whose memory is nearly full', () => {
  it('takes nothing more until there is room, while what waits can still be worked off', async () => {
    const redis = await startRedisServer();
    closing.push(() => redis.stop());
    const weight = await ballast(redis);
    const backend = await connectBackend({ kind: 'redis', url: redis.url, prefix: ownPrefix() });
    closing.push(() => backend.close());
    const highWater = await HighWaterMark.watch(backend, { pollMs: 20 });
    closing.push(() => highWater.close());
    const publisher = await PartitionPublisher.open<number>(backend, { partitions: 1, highWater });
    closing.push(() => publisher.close());

    await publisher.publish([{ key: 'a', item: 1 }]);
    await weight.fill();
    await until('that is seen', () => highWater.reached);
    await expect(publisher.publish([{ key: 'a', item: 2 }])).rejects.toThrow(QueueUnavailableError);
    const [waiting] = await backend.nextWaiting('activity-0', 10);
    expect(await backend.removeWaiting('activity-0', [waiting?.id ?? ''])).toBe(1);

    await weight.remove();
    await until('there is room', () => !highWater.reached);
    await publisher.publish([{ key: 'a', item: 3 }]);
    expect(await backend.nextWaiting('activity-0', 10)).toHaveLength(1);
  });

  it('makes ingress answer 503 with Retry-After, and take deliveries again by itself', async () => {
    const redis = await startRedisServer();
    closing.push(() => redis.stop());
    const weight = await ballast(redis);
    const ingress = await startIngress({}, redis.url);
    closing.push(() => ingress.close());
    const send = () => post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined')]));
    expect((await send()).status).toBe(200);

    await weight.fill();
    await until('a delivery is refused', async () => (await send()).status === 503);
    const refused = await send();
    expect(refused.json).toEqual({ ok: false, error: 'queue_unavailable' });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);

    await weight.remove();
    await until('a delivery is taken', async () => (await send()).status === 200);
  });
});

describe('a publisher', () => {
  it('refuses at once what would not fit beside what waits to be written', async () => {
    const backend = await connectBackend({ kind: 'redis', url: redisUrl(), prefix: ownPrefix() });
    closing.push(() => backend.close());
    const publisher = await PartitionPublisher.open<number>(backend, { partitions: 1, maxWaitingItems: 3 });
    closing.push(() => publisher.close());
    const items = (count: number) => Array.from({ length: count }, (_, item) => ({ key: 'a', item }));
    const first = publisher.publish(items(2));
    await expect(publisher.publish(items(2))).rejects.toThrow('2 items wait to be written already');
    const fits = publisher.publish(items(1));
    await Promise.all([first, fits]);
    await publisher.publish(items(3));
    expect(await backend.nextWaiting('activity-0', 10)).toHaveLength(3);
  });
});
