import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the project: commands are run there, as an operator would. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const children = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Has a child end with this process at the latest, however that ends. */
export function endWithRun(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
  /** Rejects once it ended without having been told to. */
  readonly failed: Promise<never>;
  /** Resolves once it has ended by itself with exit code 0; rejects where that is another. */
  readonly ended: Promise<void>;
  /** Has it stand still where it is, by SIGSTOP, until {@link goOn}. */
  standStill(): void;
  goOn(): void;
  /** SIGTERM; resolves when it is gone. Safe to call twice, and while it stands still. */
  stop(): Promise<void>;
}

/** Runs a Node program with nothing of this process's environment but PATH; what it prints goes to `logFile`. */
export function startNode(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  logFile: string,
): ServerProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  endWithRun(child);
  let stopping = false;
  const exited = new Promise<string>((done) => child.once('exit', (code, signal) => done(String(code ?? signal))));
  const failed = exited.then((how) => {
    if (stopping) return new Promise<never>(() => undefined);
    throw new Error(`${name} ended by itself (${how}): see ${logFile}`);
  });
  failed.catch(() => undefined);
  const ended = exited.then((how) => {
    if (how !== '0') throw new Error(`${name} failed (${how}): see ${logFile}`);
  });
  ended.catch(() => undefined);
  return {
    name,
    pid: child.pid ?? 0,
    failed,
    ended,
    standStill() {
      child.kill('SIGSTOP');
    },
    goOn() {
      child.kill('SIGCONT');
    },
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      await exited;
    },
  };
}
