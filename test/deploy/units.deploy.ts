import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianTool } from '../support/deploy/debian-tool.js';
import { readUnits } from '../support/deploy/units.js';

const UNITS = fileURLToPath(new URL('../../deploy/systemd/', import.meta.url));
const execute = promisify(execFile);

/** Of ten; systemd calls up to 2 "safe". What is left are sockets to other machines, which the processes are for, and Node's compiler. */
const MOST_EXPOSURE = 1.5;

describe('the systemd units', () => {
  let folder: string;

  beforeAll(async () => {
    await debianTool('systemd-analyze', 'systemd');
    folder = await mkdtemp(join(tmpdir(), 'bbb-activity-units-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What systemd says of units: nothing where all is well. */
  async function verify(...paths: readonly string[]): Promise<string> {
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${UNITS}:` };
    const { stdout, stderr } = await execute('systemd-analyze', ['verify', ...paths], { env }).catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );
    return stdout + stderr;
  }

  it('are right in the eyes of systemd-analyze verify', async () => {
    const units = [...(await readUnits(UNITS)).keys()];
    expect(units.length).toBe(5);
    expect(await verify(...units.map((name) => join(UNITS, name)))).toBe('');
  });

  it('would not be if they were wrong', async () => {
    const wrong = join(folder, 'wrong.service');
    await writeFile(wrong, '[Service]\nExecStart=/usr/bin/no-such-program\nProtectSystem=very\n');
    expect(await verify(wrong)).toMatch(/no-such-program/);
  });

  it('leave little that a process could do to the machine', async () => {
    for (const name of [...(await readUnits(UNITS)).keys()].filter((unit) => unit.endsWith('.service'))) {
      const { stdout } = await execute('systemd-analyze', ['security', '--offline=true', '--no-pager', join(UNITS, name)]);
      const [, exposure] = /Overall exposure level for .*: (\d+\.\d)/.exec(stdout) ?? [];
      expect(Number(exposure), name).toBeLessThanOrEqual(MOST_EXPOSURE);
    }
  });

  it('have a user that systemd-sysusers makes', async () => {
    await mkdir(join(folder, 'etc'));
    await execute('systemd-sysusers', [`--root=${folder}`, join(UNITS, 'bbb-activity.sysusers.conf')]);
    const { stdout } = await execute('grep', ['bbb-activity', join(folder, 'etc/passwd')]);
    expect(stdout).toMatch(/nologin\n$/);
  });
});
