import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import { until } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The sender's five minutes of tries take half a minute. */
const TIME_SCALE = 10;

let world: FaultWorld;
afterEach(() => world.close());

describe('ingress that is away for longer than the BBB server tries', () => {
  it('gets a new hook from the watch by itself, and what was lost stands in a gap', async () => {
    world = await FaultWorld.open({ timeScale: TIME_SCALE, rate: 10 });
    await until('something is applied', () => world.progress.applied > 0);
    await world.killIngress();
    await until('the server has deleted the hook', () => world.bbb.hookChanges().some(({ change }) => change === 'given-up'));
    await world.replaceIngress();
    const { applied } = world.progress;
    await until('something is applied again', () => world.progress.applied > applied);
    const report = await world.settle('hook deleted by the BBB server');
    expect(report).toMatchObject(NOTHING_LOST);
    expect(world.bbb.lostEvents().length).toBeGreaterThan(0);
    const { stdout } = await promisify(execFile)(process.execPath, ['apps/cli/bin/bbb-activity.js', 'hooks', 'health'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '', ...world.environment },
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toMatch(/lost/);
  });
});
