import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import { findProgram } from './debian-program.js';
import { endWithTests } from './no-orphans.js';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A private redis-server with an append-only file, empty, on 127.0.0.1, on a free port unless `settings` names one. */
export async function startRedisServer(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const binary = await findProgram('redis-server');
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
