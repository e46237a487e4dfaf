import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppName, spawnApp, startApp } from '../support/app-process.js';
import { redisUrl } from '../support/services.js';
import { share } from '../support/share.js';
import { until } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DATABASE_URL = 'postgresql://nobody@127.0.0.1:1/none';

/** One of each app, and one that is found out only by connecting: what is wrong with the others is read by the same code, and told by the same. */
const CASES: readonly (readonly [AppName, Readonly<Record<string, string>>, RegExp])[] = [
  ['ingress', { REDIS_URL: redisUrl(), PORT: 'http' }, /^bbb-activity ingress: PORT must be [^\n]*\n$/],
  [
    'worker',
    { REDIS_URL: redisUrl(), DATABASE_URL },
    /^bbb-activity worker: DATABASE_URL: the database cannot be reached[^\n]*\n$/,
  ],
  ['dashboard', { DATABASE_URL }, /^bbb-activity dashboard: ADMIN_TOKEN is missing\n$/],
  ['standalone', { DATA_DIR: '/dev/null/none' }, /^bbb-activity standalone: [^\n]*\/dev\/null[^\n]*\n$/],
];
const MORE_CASES: typeof CASES = [
  ['ingress', { BBB_SECRET: 'of-the-server' }, /^bbb-activity ingress: REDIS_URL is missing[^\n]*\n$/],
  ['ingress', { REDIS_URL: redisUrl() }, /^bbb-activity ingress: BBB_SECRET is missing[^\n]*\n$/],
  [
    'ingress',
    { BBB_SECRET: 'of-the-server', REDIS_URL: 'redis://:hidden@127.0.0.1:1' },
    /^bbb-activity ingress: (?!.*hidden)[^\n]*\n$/,
  ],
  ['worker', { REDIS_URL: redisUrl() }, /^bbb-activity worker: DATABASE_URL is missing\n$/],
  ['worker', { REDIS_URL: redisUrl(), DATABASE_URL, PARTITIONS: 'many' }, /^bbb-activity worker: PARTITIONS must be [^\n]*\n$/],
  ['worker', { LOG_LEVEL: 'loud' }, /^bbb-activity worker: LOG_LEVEL [^\n]*\n$/],
];

describe('a start with a bad environment', () => {
  it.each(share([...CASES, ...MORE_CASES], (one) => CASES.includes(one)))(
    'ends %s %j with exit code 1 and one line that names what is wrong',
    async (app, environment, line) => {
      const running = spawnApp(app, environment);
      const code = await new Promise((done) => running.child.once('close', done));
      expect(running.stderr()).toMatch(line);
      expect(code).toBe(1);
    },
  );
});

describe('the standalone', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'bbb-activity-test-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('makes secrets on its first start, is found by the commands, and starts again on its data and secrets after it was killed', async () => {
    const first = await startApp('standalone', { DATA_DIR: dataDir });
    const path = join(dataDir, 'secrets.json');
    expect(first.lines).toContainEqual(expect.objectContaining({ path, made: true }));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, 'utf8');
    const { ADMIN_TOKEN } = JSON.parse(text) as { ADMIN_TOKEN: string };
    const read = (address: string) => fetch(`${address}/api/meetings`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect((await read(first.address)).status).toBe(200);
    expect(await (await fetch(`${first.address}/readyz`)).json()).toEqual({ ok: true, queue: 'ok', database: 'ok' });

    const command = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['apps/cli/bin/bbb-activity.js', ...args], {
        cwd: ROOT,
        env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
      });
    const replayed = await command('replay', 'quiet', '--url', first.address, '--speed', '0');
    expect(JSON.parse(replayed.stdout)).toMatchObject({ requests: 125, failed: [] });
    await until(
      'the partitions are empty',
      async () => !/[1-9]\d* (waiting|active)/.test((await command('partitions', 'show')).stdout),
    );
    expect((await command('verify')).stdout).toMatch(/\b0 differences\b/);
    await first.stop('SIGKILL');

    const second = await startApp('standalone', { DATA_DIR: dataDir });
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await (await read(second.address)).json()).toMatchObject({ items: [{ status: 'ended' }] });
    expect(await second.stop()).toBe(0);
    for (const secret of Object.values(JSON.parse(text) as Record<string, string>)) {
      expect(JSON.stringify([...first.lines, ...second.lines])).not.toContain(secret);
    }
    await expect(command('verify')).rejects.toMatchObject({
      code: 2,
      stderr: `bbb-activity: the standalone of ${dataDir} (DATA_DIR) is not running, and DATABASE_URL names no other database\n`,
    });
  });
});
