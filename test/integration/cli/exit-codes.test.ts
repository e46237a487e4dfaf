import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eraseCommand } from '@bbb-activity/app-cli/erase-command';
import { exportCommand } from '@bbb-activity/app-cli/export-command';
import { rebuildCommand } from '@bbb-activity/app-cli/rebuild-command';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../support/services.js';
import { runCommand } from './command.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Nothing listens on the port of that name. */
const REFUSING = 'postgresql://nobody:x@127.0.0.1:1/none';

/** Runs the command line as an operator does, with nothing but these variables. */
async function cli(
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    execFile(process.execPath, ['apps/cli/bin/bbb-activity.js', ...args], { cwd: ROOT, env }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe('on the command line', () => {
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    folder = await mkdtemp(join(tmpdir(), 'cli-'));
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('erase with neither or both of a person and a meeting says what is wrong, before it connects to anything', async () => {
    for (const args of [[], ['--user', '7', '--meeting', 'm1']]) {
      expect(await cli({ DATABASE_URL: REFUSING }, 'erase', ...args)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'error: one of --user and --meeting is needed, and not both\n',
      });
    }
  });

  it('erase and export tell of a spool whose events they cannot see, and do not say that all was looked into', async () => {
    const spool = await mkdtemp(join(folder, 'spool-'));
    const { DATABASE_URL, SPOOL_DIR } = { DATABASE_URL: database.url, SPOOL_DIR: spool };
    const environment = { DATABASE_URL, SPOOL_DIR, QUEUE_PREFIX: 'spooled', IDENTITY_KEY: 'key-of-the-identities' };
    const toldOf = async () => {
      const { stdout, stderr } = await runCommand(eraseCommand, environment, '--user', 'nobody-of-this-id');
      return (stdout + stderr).includes(spool);
    };
    expect(await toldOf()).toBe(false);
    await writeFile(join(spool, '000000000001.spool'), 'a record');
    expect(await toldOf()).toBe(true);
    const given = await cli(environment, 'export', '--user', 'nobody-of-this-id');
    expect(given).toMatchObject({ code: 1, stderr: expect.stringContaining(spool) });
  });

  it('an empty id is a wrong argument', async () => {
    const wrong = expect.stringMatching(
      /^error: option '--(user|meeting) <id>' argument '' is invalid\. it must not be empty\.\n$/,
    );
    expect(await cli({ DATABASE_URL: REFUSING }, 'verify', '--meeting', '')).toEqual({ code: 2, stdout: '', stderr: wrong });
    const others = [
      [eraseCommand, '--user'],
      [eraseCommand, '--meeting'],
      [exportCommand, '--user'],
      [rebuildCommand, '--meeting'],
    ] as const;
    for (const [command, option] of others) {
      const { stderr } = await runCommand(command, { DATABASE_URL: REFUSING }, option, '');
      expect(stderr).toContain('commander.invalidArgument');
    }
  });

  it('verify and rebuild exit with 2 where they could not look', async () => {
    const environment = { DATABASE_URL: database.url };
    const [refused, unknown, wrong, looked] = await Promise.all([
      cli({ DATABASE_URL: REFUSING }, 'verify'),
      cli(environment, 'rebuild', '--meeting', '99'),
      cli(environment, 'verify', '--nonsense'),
      cli(environment, 'rebuild'),
    ]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('127.0.0.1:1') });
    expect(unknown).toMatchObject({ code: 2, stderr: 'bbb-activity: there is no meeting 99\n' });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--nonsense') });
    expect(looked).toMatchObject({ code: 0 });
  });

  it('says that the standalone of DATA_DIR does not run where no database is named', async () => {
    for (const args of [['verify'], ['erase', '--user', '7']]) {
      const { stderr } = await cli({ DATA_DIR: folder }, ...args);
      expect(stderr).toBe(
        `bbb-activity: the standalone of ${folder} (DATA_DIR) is not running, and DATABASE_URL names no other database\n`,
      );
    }
  });
});
