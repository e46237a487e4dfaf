import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import { until } from '../support/until.js';

/** How long Redis is paused. */
const PAUSE_MS = 20_000;
/** Of a small Redis: a few thousand events fill it to its high-water mark. */
const SMALL = 6 * 1024 * 1024;
/** A log that says one thing more often a second than this, over all processes, is flooded. */
const LINES_A_SECOND = 8;

let world: FaultWorld;
afterEach(() => world.close());

/** What is logged more often than it may be while `work` goes on, with how often; a line a request is as it should be. */
async function flooding(seconds: number, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = world.logLines().length;
  await work();
  const counts = new Map<string, number>();
  for (const { msg } of world.logLines().slice(before)) counts.set(String(msg), (counts.get(String(msg)) ?? 0) + 1);
  return Object.fromEntries([...counts].filter(([msg, count]) => msg !== 'delivery' && count > LINES_A_SECOND * seconds));
}

describe('Redis', () => {
  it('restarted: loses nothing', async () => {
    world = await FaultWorld.open();
    for (let time = 0; time < 3; time += 1) {
      await world.applies('something is applied');
      await delay(2_000);
      await world.redis.stop();
      await delay(1_000);
      await world.redis.start();
      world.restarted();
    }
    const report = await world.settle('Redis restarted');
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.acknowledged).toBe(report.sent);
  });

  it('paused for 20 s: refuses meanwhile, then goes on by itself', async () => {
    world = await FaultWorld.open();
    await world.applies('something is applied');
    await world.redis.pause();
    expect(await flooding(PAUSE_MS / 1_000, () => delay(PAUSE_MS))).toEqual({});
    await world.redis.resume();
    await world.applies('something is applied again');
    const report = await world.settle('Redis paused for 20 s');
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.acknowledged).toBe(report.sent);
    expect(world.refusals()).toContain(503);
  });

  it('filled up: ingress answers 503 from the high-water mark on, and workers drain it by themselves', async () => {
    world = await FaultWorld.open({ rate: 400 });
    const redis = new Redis(`redis://127.0.0.1:${world.redis.port}`);
    try {
      await Promise.all(world.workers.splice(0).map((worker) => worker.stop('SIGTERM')));
      await redis.config('SET', 'maxmemory', String(SMALL));
      await until('ingress refuses', () => world.bbb.sent().some(({ status }) => status === 503));
      world.traffic.rate = 60;
      await world.addWorker();
      await world.addWorker();
      const refused = world.bbb.sent().findLast(({ status }) => status === 503);
      await until('ingress takes deliveries again', () =>
        world.bbb.sent().some(({ status, at }) => status === 200 && at > (refused?.at ?? 0)),
      );
      const report = await world.settle('Redis filled up');
      expect(report).toMatchObject(NOTHING_LOST);
      expect(report.acknowledged).toBe(report.sent);
    } finally {
      redis.disconnect();
    }
  });

  it('brim-full with workers there: they back off, do not flood the log, and go on once there is room', async () => {
    world = await FaultWorld.open();
    const redis = new Redis(`redis://127.0.0.1:${world.redis.port}`);
    try {
      await world.applies('something is applied');
      await redis.config('SET', 'maxmemory', '1');
      expect(await flooding(10, () => delay(10_000))).toEqual({});
      expect(world.refusals()).toContain(503);
      await redis.config('SET', 'maxmemory', '0');
      await world.applies('something is applied again');
      const report = await world.settle('Redis brim-full');
      expect(report).toMatchObject(NOTHING_LOST);
      expect(report.acknowledged).toBe(report.sent);
    } finally {
      redis.disconnect();
    }
  });

  it('with its connections cut again and again: loses nothing', async () => {
    world = await FaultWorld.open();
    const redis = new Redis(`redis://127.0.0.1:${world.redis.port}`);
    try {
      for (let time = 0; time < 8; time += 1) {
        await delay(1_000);
        expect(await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')).toBeGreaterThan(0);
      }
      await world.applies('something is applied');
      const report = await world.settle("Redis' connections cut");
      expect(report).toMatchObject(NOTHING_LOST);
      expect(report.acknowledged).toBe(report.sent);
    } finally {
      redis.disconnect();
    }
  });
});
