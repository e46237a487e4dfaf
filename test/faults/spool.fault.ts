import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import { until } from '../support/until.js';

/** Redis is away so long before ingress is killed, and again after. */
const AWAY_MS = 10_000;

let spool: string;
let world: FaultWorld;
beforeEach(async () => {
  spool = await mkdtemp(join(tmpdir(), 'bbb-activity-fault-spool-'));
});
afterEach(async () => {
  await world.close();
  await rm(spool, { recursive: true, force: true });
});

const spooled = async () => (await readdir(spool)).filter((name) => name.endsWith('.spool'));
const taken = () => world.bbb.sent().filter(({ status }) => status === 200).length;

/** Ingress goes on as if nothing were. */
const takes = async () => {
  const before = taken();
  await delay(AWAY_MS);
  expect(taken()).toBeGreaterThan(before + 100);
};

/** How Redis goes away, and how it comes back. */
const FAULTS = {
  stopped: {
    go: () => world.redis.stop(),
    comeBack: async () => {
      await world.redis.start();
      world.restarted();
    },
  },
  paused: { go: () => world.redis.pause(), comeBack: () => world.redis.resume() },
} as const;

describe('ingress with a spool', () => {
  it.each(['stopped', 'paused'] as const)(
    'refuses nothing while Redis is %s, and what it took is applied, though it is killed meanwhile',
    async (fault) => {
      world = await FaultWorld.open({
        environmentOf: (app) => (app === 'ingress' ? { SPOOL_DIR: spool } : {}),
      });
      await world.applies('something is applied');
      await FAULTS[fault].go();
      await until('what comes is spooled', async () => (await spooled()).length > 0);
      await takes();
      await world.killIngress();
      await world.replaceIngress();
      await takes();
      await FAULTS[fault].comeBack();
      await until('the spool is handed over', async () => (await spooled()).length === 0);
      await world.applies('something is applied again');
      const report = await world.settle(`Redis ${fault} for 20 s, with a spool`);
      expect(report).toMatchObject(NOTHING_LOST);
      expect(report.acknowledged).toBe(report.sent);
      // Nobody answered while ingress was being started again; but no answer was a refusal.
      expect(world.refusedBy()).toEqual([]);
      expect(await spooled()).toEqual([]);
    },
  );
});
