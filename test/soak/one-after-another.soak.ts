import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '@bbb-activity/simulator/seeded-random';
import { afterEach, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import { residentMiB } from '../support/fuzz/resident-memory.js';
import { until } from '../support/until.js';

const minutes = Number(process.env['SOAK_MINUTES'] ?? 60);
const rate = Number(process.env['SOAK_RATE'] ?? 20);
const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 2 ** 31);
const MINUTE_MS = 60_000;
/** Between two faults. */
const REST_MS = [10_000, 40_000] as const;
const LOOK_MS = 5_000;
/** Of a process that lives all the time, from the second quarter to the last. */
const MEMORY_GROWTH_MIB = 48;

let world: FaultWorld;
afterEach(() => world.close());

/** Each is over when it resolves. The worker that comes last and ingress live all the time, so that their memory tells something. */
const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
  'a worker killed': async () => {
    await world.killWorker();
    await world.addWorker();
    // The one that stays comes last again.
    world.workers.push(...world.workers.splice(0, 1));
  },
  'Redis restarted': async () => {
    await world.redis.stop();
    await delay(1_000);
    await world.redis.start();
    world.restarted();
  },
  'Redis killed': async () => {
    await world.redis.kill();
    await world.redis.start();
    world.restarted();
  },
  'Redis paused': async () => {
    await world.redis.pause();
    await delay(10_000);
    await world.redis.resume();
  },
  'PostgreSQL restarted': async () => {
    await world.postgres.stop();
    await delay(1_000);
    await world.postgres.start();
    world.restarted();
  },
  'PostgreSQL killed': async () => {
    await world.postgres.kill();
    await world.postgres.start();
    world.restarted();
  },
  'PostgreSQL paused': async () => {
    await world.postgres.pause();
    await delay(10_000);
    await world.postgres.resume();
  },
  'all connections cut': async () => {
    for (const gate of [world.front, world.queueGate, world.databaseGate]) gate.cutAll();
  },
  'a slow network': async () => {
    for (const gate of [world.front, world.queueGate, world.databaseGate]) gate.mode = 'slow';
    await delay(10_000);
    for (const gate of [world.front, world.queueGate, world.databaseGate]) gate.mode = 'open';
  },
  'no network to the database': async () => {
    world.databaseGate.mode = 'cut';
    await delay(10_000);
    world.databaseGate.mode = 'open';
  },
};

it(`${minutes} minutes of one fault after another lose nothing (SOAK_SEED=${seed} SOAK_MINUTES=${minutes} npm run test:soak)`, async () => {
  const random = new SeededRandom(seed);
  world = await FaultWorld.open({ rate, seed });
  const [steady] = world.workers.splice(1, 1);
  if (steady === undefined) throw new Error('no worker stays');
  world.workers.push(steady);
  const steadyOnes = { ingress: world.ingress, worker: steady };
  const memory = { ingress: [0, 0, 0, 0], worker: [0, 0, 0, 0] };
  const struck = new Map<string, number>();
  const since = Date.now();
  const lastsMs = minutes * MINUTE_MS;
  let nextFault = since + random.integer(...REST_MS);
  while (Date.now() - since < lastsMs) {
    const quarter = Math.min(3, Math.floor(((Date.now() - since) * 4) / lastsMs));
    for (const name of ['ingress', 'worker'] as const)
      memory[name][quarter] = Math.max(memory[name][quarter] ?? 0, residentMiB(steadyOnes[name]));
    if (Date.now() >= nextFault) {
      const fault = random.pick(Object.keys(FAULTS));
      struck.set(fault, (struck.get(fault) ?? 0) + 1);
      await FAULTS[fault]?.();
      const { applied } = world.progress;
      await until(`something is applied after ${fault}`, () => world.progress.applied > applied);
      nextFault = Date.now() + random.integer(...REST_MS);
    }
    await delay(LOOK_MS);
  }
  const faults = [...struck].map(([fault, times]) => `${fault} ${times}`).join(', ');
  process.stdout.write(`seed ${seed}, ${minutes} minutes; ${faults}\n`);
  process.stdout.write(
    `memory by quarters: ingress ${memory.ingress.join(', ')} MiB, a worker ${memory.worker.join(', ')} MiB\n`,
  );
  const report = await world.settle('soak');
  expect(report).toMatchObject(NOTHING_LOST);
  expect(report.acknowledged).toBe(report.sent);
  for (const [, second = 0, , last = 0] of Object.values(memory)) expect(last - second).toBeLessThan(MEMORY_GROWTH_MIB);
  expect([steadyOnes.ingress, steadyOnes.worker].map(({ child }) => child.exitCode)).toEqual([null, null]);
});
