import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import type { GateMode } from '../support/faults/tcp-gate.js';

const FAULT_MS = 12_000;
const GIVEN_UP_MS = 100_000;

let world: FaultWorld;
afterEach(() => world.close());

const GATES = { front: 'from the BBB server', queueGate: 'to the queue', databaseGate: 'to the database' } as const;
/** That the fault was felt behind each gate: by who posts, or by who applies. */
const EFFECTS = {
  front: () => world.refusals(),
  queueGate: () => world.refusals(),
  databaseGate: () => world.failedBatches(),
} as const;
const MODES: readonly GateMode[] = ['slow', 'cut', 'hole'];
const WORDS = { open: 'open', slow: 'slow', cut: 'cut', hole: 'half-open' } as const;
const FAULTS = MODES.flatMap((mode) =>
  (Object.keys(GATES) as (keyof typeof GATES)[]).map((gate) => [WORDS[mode], GATES[gate], mode, gate] as const),
);

describe('the network', () => {
  it.each(FAULTS)('%s %s: loses nothing, and all goes on once it is well again', async (word, where, mode, gate) => {
    world = await FaultWorld.open();
    await world.applies('something is applied');
    const before = EFFECTS[gate]().length;
    world[gate].mode = mode;
    await delay(FAULT_MS);
    world[gate].mode = 'open';
    await world.applies('something is applied again');
    if (mode === 'slow') expect(world[gate].delayed).toBeGreaterThan(0);
    else expect(EFFECTS[gate]().length).toBeGreaterThan(before);
    // What is in the hole is given up within a minute.
    expect(world.progress.longestMs).toBeLessThan(GIVEN_UP_MS);
    const report = await world.settle(`network ${word} ${where}`);
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.acknowledged).toBe(report.sent);
  });
});
