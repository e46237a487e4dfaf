import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithTests } from './no-orphans.js';
import { until } from './until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A line of an app's log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface AppProcess {
  readonly child: ChildProcess;
  /** Its log so far, one object a line. */
  readonly lines: readonly LogLine[];
  /** What it wrote to standard error. */
  stderr(): string;
  /** Where it listens; only of an app that does. */
  readonly address: string;
  /** Ends it as an operator would (SIGTERM), or by force; resolves with its exit code once it is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  /** Whether {@link stop} was called. */
  endedByTest(): boolean;
}

/** What each app logs once it has started. */
const STARTED = {
  ingress: 'ingress listening',
  worker: 'worker started',
  dashboard: 'dashboard listening',
  standalone: 'standalone listening',
} as const;

export type AppName = keyof typeof STARTED;

/** Runs an app as `npm run start:<app>` does, with nothing of this process's environment but PATH, and waits until it has started. */
export async function startApp(
  app: AppName,
  environment: Readonly<Record<string, string>>,
  timeoutMs?: number,
): Promise<AppProcess> {
  const running = spawnApp(app, environment);
  const hasStarted = () => {
    if (running.child.exitCode !== null) throw new Error(`${app} ended at its start: ${running.stderr()}`);
    return running.lines.find(({ msg }) => msg === STARTED[app]);
  };
  const started = await until(`${app} has started`, hasStarted, timeoutMs);
  return { ...running, address: typeof started['address'] === 'string' ? started['address'] : '' };
}

/** The same without waiting: for a start that is to fail. */
export function spawnApp(app: AppName, environment: Readonly<Record<string, string>>): AppProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', `apps/${app}/dist/main.js`], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: LogLine[] = [];
  let rest = '';
  let errors = '';
  let ended = false;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.filter((part) => part !== '').map((part) => JSON.parse(part) as LogLine));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  endWithTests(child);
  const exited = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return {
    child,
    lines,
    stderr: () => errors,
    address: '',
    endedByTest: () => ended,
    stop(signal = 'SIGTERM') {
      ended = true;
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}
