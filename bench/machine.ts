import { execFile } from 'node:child_process';
import { arch, cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { PostgresServer } from './servers/postgres.js';

/** On what was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly redis: string;
  /** The project's commit; empty outside of a clone. */
  readonly commit: string;
}

export async function readMachine({ admin }: PostgresServer): Promise<Machine> {
  const { rows } = await admin.query<{ version: string }>(`SELECT current_setting('server_version') AS version`);
  const [redis = ''] = /v=\S+/.exec(await outputOf('redis-server', '--version')) ?? [];
  return {
    cpu: (cpus()[0]?.model ?? arch()).replace(/\s+/g, ' ').trim(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release().replace(/[^\d.].*$/, '')}`,
    node: process.versions.node,
    postgres: rows[0]?.version ?? '',
    redis: redis.slice(2),
    commit: (await outputOf('git', 'rev-parse', '--short', 'HEAD')).trim(),
  };
}

/** Empty where the command is not there: the machine's description does without it. */
async function outputOf(command: string, ...args: readonly string[]): Promise<string> {
  const { PATH = '' } = process.env;
  const { stdout } = await promisify(execFile)(command, [...args], {
    env: { ...process.env, PATH: `${PATH}:/usr/sbin:/usr/local/sbin` },
  }).catch(() => ({ stdout: '' }));
  return stdout;
}
