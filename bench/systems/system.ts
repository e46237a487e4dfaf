import { join } from 'node:path';
import type { ServerProcess } from '../servers/children.js';
import { until } from '../until.js';

export type BackendName = 'redis' | 'postgres';
export type SystemName = 'product' | 'noop' | 'sync' | 'job-per-event';

/** What a system runs on; made new for each scenario. */
export interface Surroundings {
  readonly backend: BackendName;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly partitions: number;
  /** Where CPU profiles go; null for none. */
  readonly profileDir: string | null;
  /** Where its logs go. */
  readonly dir: string;
  /** Variables beyond those that it needs; only the product and what is built of it read them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a system consists of. A system that answers when all is done has no workers. */
export interface System {
  readonly name: SystemName;
  readonly hasQueue: boolean;
  startServer(around: Surroundings, port: number): ServerProcess;
  startWorker(around: Surroundings, index: number): ServerProcess;
}

/** Waits until a server answers on its health path. */
export async function listening(server: ServerProcess, address: string): Promise<void> {
  const answers = () =>
    fetch(`${address}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
  await Promise.race([server.failed, until(`${server.name} listens`, answers, { everyMs: 50 })]);
}

export function logFile(around: Surroundings, name: string): string {
  return join(around.dir, `${name}.log`);
}
