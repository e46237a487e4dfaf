import type { AppProcess } from '../app-process.js';

/** Of each process, for whom reads why a test failed. */
const TOLD_LINES = 30;

/** All processes that there were in a world, those that were killed and started again too. */
export class FaultProcesses {
  readonly #apps: AppProcess[] = [];

  add(...apps: readonly AppProcess[]): void {
    this.#apps.push(...apps);
  }

  /** Of all logs. */
  lines(): readonly Readonly<Record<string, unknown>>[] {
    return this.#apps.flatMap(({ lines }) => lines);
  }

  /** Those that nobody ended: a supervisor would start them again, and nobody would notice what is wrong with them. */
  fallen(): string[] {
    return this.#apps.flatMap(({ child, endedByTest, stderr }) =>
      endedByTest() || (child.exitCode === null && child.signalCode === null) ? [] : [`process ${child.pid}: ${stderr()}`],
    );
  }

  /** What each process said last: without it, nobody could say why a test failed. */
  tellLogs(): void {
    for (const { child, lines, stderr } of this.#apps) {
      const state = child.exitCode ?? child.signalCode ?? 'running';
      const last = lines.slice(-TOLD_LINES).map((line) => JSON.stringify(line));
      process.stderr.write(`process ${child.pid} (${state}):\n${last.join('\n')}\n${stderr()}\n`);
    }
  }

  async kill(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.stop('SIGKILL')));
  }
}
