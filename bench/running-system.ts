import { freePort } from '@bbb-activity/app-standalone/free-port';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { cpuMs, peakMb as processPeakMb, treeCpuMs } from './measure/processes.js';
import type { ServerProcess } from './servers/children.js';
import { listening, type Surroundings, type System } from './systems/system.js';

/** BullMQ's own default, which the product has too. */
const PREFIX = 'bbb-activity';
/** Of the product a whole backlog may wait; a rival that needs longer for one phase's load has told what it can. */
const DRAINED_WITHIN_MS = { product: 900_000, rival: 300_000 } as const;

/** CPU time used so far, in ms by process. */
export type CpuReading = Readonly<Record<string, number>>;

/** The processes of one system, and the servers below them. */
export class RunningSystem {
  readonly #system: System;
  readonly #around: Surroundings;
  /** Their pids, by name. */
  readonly #servers: Readonly<Record<string, number>>;
  readonly #processes: ServerProcess[] = [];
  #queue: QueueBackend | undefined;

  constructor(system: System, around: Surroundings, servers: Readonly<Record<string, number>>) {
    this.#system = system;
    this.#around = around;
    this.#servers = servers;
  }

  /** Starts what takes requests; gives its address. */
  async startServer(): Promise<string> {
    const port = await freePort();
    const server = this.#system.startServer(this.#around, port);
    this.#processes.push(server);
    const address = `http://127.0.0.1:${port}`;
    await listening(server, address);
    return address;
  }

  startWorkers(count: number): void {
    if (!this.#system.hasQueue) return;
    const first = this.#workers().length;
    for (let index = first; index < first + count; index += 1)
      this.#processes.push(this.#system.startWorker(this.#around, index));
  }

  /** Has the workers take nothing while a backlog is made, as if they were away, and warm all the same. */
  holdWorkers(): void {
    for (const worker of this.#workers()) worker.standStill();
  }

  letWorkersGoOn(): void {
    for (const worker of this.#workers()) worker.goOn();
  }

  /**
   * Waits until nothing waits any more. The question costs a PostgreSQL what waits there, so it is asked the more rarely the longer it takes.
   *
   * @throws Error where that takes longer than `withinMs`
   */
  async drained(withinMs: number = DRAINED_WITHIN_MS[this.#system.name === 'product' ? 'product' : 'rival']): Promise<void> {
    if (!this.#system.hasQueue) return;
    const queue = await this.#connect();
    const deadline = Date.now() + withinMs;
    const failed = Promise.race(this.#processes.map((process) => process.failed));
    for (;;) {
      const started = performance.now();
      const depths = await Promise.race([failed, readPartitionDepths(queue, this.#around.partitions)]);
      if (depths.every(({ waiting, active }) => waiting + active === 0)) return;
      if (Date.now() > deadline) throw new Error(`the queue was not drained within ${withinMs / 1_000} s`);
      const pause = Math.max(50, 20 * (performance.now() - started));
      await new Promise((next) => setTimeout(next, pause));
    }
  }

  async cpu(): Promise<CpuReading> {
    const reading: Record<string, number> = {};
    for (const { name, pid } of this.#processes) {
      const role = roleOf(name);
      reading[role] = (reading[role] ?? 0) + (await cpuMs(pid));
    }
    for (const [name, pid] of Object.entries(this.#servers)) reading[name] = await treeCpuMs(pid);
    return reading;
  }

  /** The most memory held, in MB by process; of several workers the largest. */
  async peakMb(): Promise<Record<string, number>> {
    const peaks: Record<string, number> = {};
    for (const { name, pid } of this.#processes) {
      const role = roleOf(name);
      peaks[role] = Math.max(peaks[role] ?? 0, await processPeakMb(pid));
    }
    if (this.#servers['redis'] !== undefined) peaks['redis'] = await processPeakMb(this.#servers['redis']);
    return peaks;
  }

  /** As an operator would stop it, the servers first. Safe to call twice. */
  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
    await this.#queue?.close();
    this.#queue = undefined;
  }

  #workers(): ServerProcess[] {
    return this.#processes.filter(({ name }) => roleOf(name) === 'worker');
  }

  async #connect(): Promise<QueueBackend> {
    const { backend: kind, redisUrl, databaseUrl } = this.#around;
    this.#queue ??= await connectBackend({ kind, url: kind === 'redis' ? redisUrl : databaseUrl, prefix: PREFIX });
    return this.#queue;
  }
}

function roleOf(name: string): string {
  return name.replace(/-\d+$/, '');
}
