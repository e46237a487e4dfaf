import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LogLine } from '../app-process.js';
import { endWithTests } from '../no-orphans.js';
import { until } from '../until.js';

const FOLDER = new URL('../../integration/crash/', import.meta.url);

/** Where a process is to die. */
export interface CrashAt {
  readonly point: string;
  /** Which time that it is passed, from 1. */
  readonly time: number;
  /** Counts only what happens in this partition. */
  readonly partition?: string;
  /** Counts also batches that bring nothing new. */
  readonly again?: boolean;
}

/** A process that ends itself by SIGKILL at a point; its last line of output tells what it was at. */
export interface DoomedProcess {
  /** Waits until it is dead and gives its last words. Throws where it ended otherwise than at its point. */
  death(): Promise<LogLine>;
  /** Ends it, dead or not. */
  stop(): Promise<void>;
}

/** Starts one of the composed apps of test/integration/crash, with nothing of this process's environment but PATH. */
export function startDoomed(
  app: 'worker' | 'ingress',
  crash: CrashAt,
  environment: Readonly<Record<string, string>>,
): DoomedProcess {
  const script = fileURLToPath(new URL(`crashing-${app}.mjs`, FOLDER));
  const child = spawn(process.execPath, ['--enable-source-maps', script, JSON.stringify(crash)], {
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTests(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let ended = false;
  const end = new Promise<void>((done) => child.once('close', () => done())).then(() => {
    ended = true;
  });
  const lines = () =>
    output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  const tail = () => `${output.slice(-2_000)}${errors}`;

  return {
    async death() {
      await until(`${app} dies ${crash.point}`, () => ended).catch((error: unknown) => {
        throw new Error(`${app} passed no point "${crash.point}": ${tail()}`, { cause: error });
      });
      const last = lines().at(-1);
      if (child.signalCode !== 'SIGKILL' || last?.['crash'] !== crash.point) {
        throw new Error(`${app} did not die ${crash.point} but by ${child.signalCode ?? child.exitCode}: ${tail()}`);
      }
      return last;
    },
    async stop() {
      child.kill('SIGKILL');
      await end;
    },
  };
}
