import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import { endWithRun } from './children.js';

export type AppendFsync = 'everysec' | 'always';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A private redis-server, empty, that keeps what it acknowledges as production must: append-only file on, nothing evicted. */
export async function startRedis(dir: string, appendfsync: AppendFsync): Promise<RedisServer> {
  await mkdir(dir, { recursive: true });
  const port = String(await freePort());
  const settings = {
    bind: '127.0.0.1',
    port,
    dir,
    appendonly: 'yes',
    appendfsync,
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn('redis-server', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` },
  });
  endWithRun(child);
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await new Promise<void>((done, fail) => {
    child.once('error', (cause) => fail(new Error('redis-server is not installed: apt-get install redis-server', { cause })));
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
