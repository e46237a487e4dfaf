import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import { endWithTests } from './no-orphans.js';

const run = promisify(execFile);

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A private redis-server with an append-only file, empty, on 127.0.0.1, on a free port unless `settings` names one. */
export async function startRedisServer(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const binary = await findRedisServer();
  const dir = await mkdtemp(join(tmpdir(), 'bbb-activity-redis-'));
  const port = settings['port'] ?? String(await freePort());
  const options = {
    bind: '127.0.0.1',
    port,
    dir,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const child = spawn(
    binary,
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  endWithTests(child);
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await new Promise<void>((done, fail) => {
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000);
      if (log.includes('Ready to accept connections')) done();
    });
    void exited.then(() => fail(new Error(`redis-server ended at its start: ${log}`)));
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The machine's redis-server; installs Debian's package where this process may. */
async function findRedisServer(): Promise<string> {
  const found = await which();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    await run('apt-get', ['update']).catch(() => undefined);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).catch(() => undefined);
    const installed = await which();
    if (installed !== undefined) return installed;
  }
  throw new Error('redis-server is not installed: run "apt-get install redis-server" as root, then try again');
}

async function which(): Promise<string | undefined> {
  return run('sh', ['-c', 'PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v redis-server']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
