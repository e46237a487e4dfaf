import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '@bbb-activity/simulator/seeded-random';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultSeed } from '../support/faults/fault-seed.js';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import { until } from '../support/until.js';

let world: FaultWorld;
let random: SeededRandom;
// Of each test alone, so that one that is run by itself strikes at the same moments.
beforeEach(() => {
  random = new SeededRandom(faultSeed());
});
afterEach(() => world.close());

/** How long a fault lets the system be: it strikes at any moment of what goes on. */
const aWhile = (fromMs: number, toMs: number) => delay(random.integer(fromMs, toMs));

describe('a process that is killed (SIGKILL)', () => {
  it('worker: loses nothing, and gets on between any two kills', async () => {
    world = await FaultWorld.open();
    for (let kill = 0; kill < 7; kill += 1) {
      const before = world.progress.applied;
      await aWhile(1_000, 10_000);
      await until('something was applied since the last kill', () => world.progress.applied > before);
      await world.killWorker();
      await world.addWorker();
    }
    expect(await world.settle('worker killed')).toMatchObject({ ...NOTHING_LOST, restarts: 7 });
  });

  it('ingress: loses nothing that it acknowledged, and what it did not comes again', async () => {
    world = await FaultWorld.open();
    for (let kill = 0; kill < 5; kill += 1) {
      await aWhile(1_000, 5_000);
      await world.killIngress();
      await world.replaceIngress();
    }
    const report = await world.settle('ingress killed');
    expect(report).toMatchObject({ ...NOTHING_LOST, restarts: 5 });
    expect(report.acknowledged).toBe(report.sent);
  });

  it('all at once, with Redis and PostgreSQL: loses nothing that was acknowledged', async () => {
    world = await FaultWorld.open();
    for (let kill = 0; kill < 2; kill += 1) {
      await aWhile(3_000, 8_000);
      await Promise.all([
        world.killIngress(),
        ...[...world.workers].map(() => world.killWorker()),
        world.redis.kill(),
        world.postgres.kill(),
      ]);
      world.restarted();
      world.restarted();
      await Promise.all([world.redis.start(), world.postgres.start()]);
      await Promise.all([world.replaceIngress(), world.addWorker(), world.addWorker()]);
    }
    const report = await world.settle('all killed');
    expect(report).toMatchObject({ ...NOTHING_LOST, restarts: 10 });
    expect(report.acknowledged).toBe(report.sent);
  });
});
