import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';

const run = promisify(execFile);
const FULL_MS = 8_000;

let disk: string;
let world: FaultWorld | undefined;

/** A disk of so many MB that is a server's alone. Mounting needs root. */
beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), 'bbb-activity-disk-'));
});
afterEach(async () => {
  await world?.close();
  await run('umount', [disk]).catch(() => undefined);
  await rm(disk, { recursive: true, force: true });
});

async function mount(megabytes: number): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'none', disk]);
}

async function fill(): Promise<void> {
  // To its last block: dd ends where there is none.
  await run('dd', ['if=/dev/zero', `of=${join(disk, 'ballast')}`, 'bs=4k']).catch(() => undefined);
  expect((await statfs(disk)).bavail).toBe(0);
}

const makeRoom = () => rm(join(disk, 'ballast'));

describe.runIf(process.getuid?.() === 0)('a disk that is full', () => {
  it("PostgreSQL's: loses nothing, whether the server bears it or ends and is started again", async () => {
    await mount(220);
    world = await FaultWorld.open({ postgresDir: join(disk, 'postgres') });
    await world.applies('something is applied');
    const failedBefore = world.failedBatches().length;
    await fill();
    await delay(FULL_MS);
    expect(world.failedBatches().length).toBeGreaterThan(failedBefore);
    await makeRoom();
    if (!world.postgres.running) {
      await world.postgres.start();
      world.restarted();
    }
    await world.applies('something is applied again');
    const report = await world.settle("PostgreSQL's disk full");
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.acknowledged).toBe(report.sent);
  });

  it("Redis': refuses instead of acknowledging what it cannot keep, and goes on once there is room", async () => {
    await mount(40);
    world = await FaultWorld.open({ redisDir: join(disk, 'redis') });
    await world.applies('something is applied');
    const refusedBefore = world.refusals().length;
    await fill();
    await delay(FULL_MS);
    expect(world.refusals().slice(refusedBefore)).toContain(503);
    await makeRoom();
    await world.applies('something is applied again');
    const report = await world.settle("Redis' disk full");
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.acknowledged).toBe(report.sent);
  });
});
