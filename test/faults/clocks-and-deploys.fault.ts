import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';

const CLOCK = fileURLToPath(new URL('../support/faults/clock-offset.mjs', import.meta.url));
const TEN_MINUTES = 600_000;

let world: FaultWorld;
afterEach(() => world.close());

const clockOff = (ms: number) => ({ NODE_OPTIONS: `--import=${CLOCK}`, CLOCK_OFFSET_MS: String(ms) });

describe('clocks that are 10 minutes off', () => {
  it.each([
    ['ingress before, workers behind', TEN_MINUTES, [-TEN_MINUTES, -TEN_MINUTES]],
    ['ingress behind, workers before', -TEN_MINUTES, [TEN_MINUTES, TEN_MINUTES]],
    ['workers that differ', 0, [TEN_MINUTES, -TEN_MINUTES]],
  ] as const)('change nothing: %s', async (what, ingress, workers) => {
    world = await FaultWorld.open({
      environmentOf: (app, number) => clockOff(app === 'ingress' ? ingress : (workers[number] ?? 0)),
    });
    await world.applies('something is applied');
    await delay(8_000);
    const [skewed] = world.logLines().filter(({ app }) => app === 'worker');
    expect(Math.abs(Date.parse(String(skewed?.['time'])) - Date.now())).toBeGreaterThan(TEN_MINUTES / 2);
    const report = await world.settle(`clocks: ${what}`);
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.acknowledged).toBe(report.sent);
  });
});

describe('a deploy in the middle of a burst', () => {
  it('loses nothing while old and new processes run at once, and refuses nothing', async () => {
    world = await FaultWorld.open();
    await world.applies('something is applied');
    world.traffic.rate = 200;
    for (let deploy = 0; deploy < 2; deploy += 1) {
      const formerWorkers = world.workers.splice(0);
      const formerIngress = await world.replaceIngress();
      await Promise.all([world.addWorker(), world.addWorker()]);
      // For a while both serve.
      await world.applies('something is applied');
      await delay(1_500);
      const codes = await Promise.all([formerIngress, ...formerWorkers].map((app) => app.stop('SIGTERM')));
      expect(codes).toEqual([0, 0, 0]);
      for (const _ of codes) world.restarted();
    }
    world.traffic.rate = 60;
    const report = await world.settle('deploy in a burst');
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.acknowledged).toBe(report.sent);
    // At most, an idle connection was closed just as a request came over it, which no server can help.
    expect(world.refusedBy()).toEqual([]);
  });
});
