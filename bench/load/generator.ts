import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithRun } from '../servers/children.js';
import type { FromGenerator, GeneratorOptions, ToGenerator } from './generator-messages.js';
import type { Phase, PhaseReport } from './phase.js';

export interface LoadGenerator {
  readonly pid: number;
  /** Prepares a phase; what it resolves with sends it. */
  prepare(target: string, phase: Phase): Promise<() => Promise<PhaseReport>>;
  stop(): void;
}

/** A process of its own, so that it shares no loop with anything measured, and its CPU time can be told. */
export function startGenerator(options: GeneratorOptions): LoadGenerator {
  const child = fork(fileURLToPath(new URL('./generator-main.js', import.meta.url)), [JSON.stringify(options)]);
  endWithRun(child);
  let stopping = false;
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', (code) => {
      if (!stopping) reject(new Error(`the load generator ended by itself (${code})`));
    });
  });
  failed.catch(() => undefined);
  const tell = (message: ToGenerator) => child.send(message);
  const answer = (): Promise<FromGenerator> =>
    Promise.race([
      failed,
      new Promise<FromGenerator>((done) => child.once('message', (message) => done(message as FromGenerator))),
    ]);
  return {
    pid: child.pid ?? 0,
    async prepare(target, phase) {
      const ready = answer();
      tell({ kind: 'prepare', target, phase });
      await ready;
      return async () => {
        const done = answer();
        tell({ kind: 'go' });
        const message = await done;
        if (message.kind !== 'done') throw new Error('the load generator lost its place');
        return message.report;
      };
    },
    stop() {
      stopping = true;
      child.kill('SIGKILL');
    },
  };
}
