import { setTimeout as delay } from 'node:timers/promises';
import { unavailable } from './errors.js';
import type { PartitionQueue, PartitionWorker, QueueBackend } from './queue-backend.js';
import { ErrorNotices, type QueueLog, silentLog } from './queue-log.js';

/** Something to be done again and again. */
export interface ScheduledJob {
  /** Names its schedule: the same in every process. */
  readonly name: string;
  /** From one run to the next, in ms. */
  readonly everyMs: number;
  /** How long a run may take, in ms; then its signal aborts, and it counts as failed. Default 300,000. */
  readonly limitMs?: number;
  /**
   * One run; gives what it did, for its log line. It may be called again after half of a run, when a process dies in it. `signal` aborts
   * when the process is to end, when another one may have taken the run over, or after `limitMs`: what is not done then is left to the
   * next run. A run that does not heed it is left after a while, so that it keeps no other from its turn: the next one may then come beside it.
   */
  readonly run: (signal: AbortSignal) => Promise<RunFigures>;
}

/** What a run did. Never a person's data. */
export type RunFigures = Readonly<Record<string, number | string | boolean>>;

export interface ScheduledJobsOptions {
  readonly jobs: readonly ScheduledJob[];
  readonly log?: QueueLog;
  /** How long a process that died keeps the run it was in, about, in ms. Default 10,000. */
  readonly lockMs?: number;
  /** How long close() waits for a run to heed its signal. Default 20,000. */
  readonly closeTimeoutMs?: number;
  /** How long a run may go on after its limit, until it is left. Default 10,000. */
  readonly graceMs?: number;
  /** What a failure is told by. Drivers quote values in their messages: by the error's name and code alone unless told otherwise. */
  readonly describe?: (error: unknown) => string;
}

export const SCHEDULED_QUEUE = 'scheduled';
const LOCK_MS = 10_000;
/** Many times what the longest run is made for, some 25 s: who takes longer waits for something that does not come. */
const LIMIT_MS = 300_000;
const GRACE_MS = 10_000;
const CLOSE_TIMEOUT_MS = 20_000;
const REFUSED_CONNECTION_RETRY_MS = 1_000;
/** A run whose process died is done by another, however often that happens. */
const MAX_STALLS = 1_000_000_000;

const FAILED = 'a scheduled job failed; it runs again at its next time';
const TOO_LONG = 'a scheduled job took too long; it runs again at its next time';

/** Of a run that goes on though its signal has aborted. */
class LeftError extends Error {
  readonly code = 'left';
}

/**
 * Runs jobs at intervals, each once an interval over all processes, and one at a time over all jobs and processes: they go over the
 * same database, and none is in a hurry. Each run is one log line; after one that failed, the next one comes at its time.
 */
export class ScheduledJobs {
  readonly #backend: QueueBackend;
  readonly #options: ScheduledJobsOptions;
  readonly #log: QueueLog;
  readonly #notices: ErrorNotices;
  readonly #stopping = new AbortController();
  #worker: PartitionWorker | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(backend: QueueBackend, options: ScheduledJobsOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#notices = new ErrorNotices(this.#log);
  }

  /**
   * Writes down the schedules, removes those of jobs that are no more, and begins to take runs. The first run of a new schedule is due at
   * once. Safe to call twice and at once.
   *
   * @throws {QueueUnavailableError}
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Aborts the signal of the run in hand, waits until it has ended, and takes no more. Safe to call twice and at once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    const queue = this.#backend.queue(SCHEDULED_QUEUE);
    await this.#schedule(queue).catch((error: unknown) => {
      throw unavailable('the scheduled jobs cannot be prepared', error);
    });
    if (this.#closing !== undefined) return;
    let lost = new AbortController();
    const lockMs = this.#options.lockMs ?? LOCK_MS;
    const worker = this.#backend.worker(
      SCHEDULED_QUEUE,
      async ({ name }) => {
        lost = new AbortController();
        await this.#take(name, lost.signal);
      },
      {
        concurrency: 1,
        lockDuration: lockMs,
        stalledInterval: Math.round(lockMs * 0.4),
        maxStalledCount: MAX_STALLS,
        runRetryDelay: REFUSED_CONNECTION_RETRY_MS,
      },
    );
    worker.on('lockRenewalFailed', () => lost.abort(new Error('another process may have taken the run over')));
    worker.on('error', (error) => this.#notices.report('the worker of scheduled jobs reports an error', error));
    worker.run().catch((error: unknown) => this.#notices.report('the worker of scheduled jobs ended', error));
    this.#worker = worker;
  }

  async #schedule(queue: PartitionQueue): Promise<void> {
    const { jobs } = this.#options;
    await queue.setGlobalConcurrency(1);
    const intervals = new Map(jobs.map(({ name, everyMs }) => [name, everyMs]));
    for (const { key, every } of await queue.getJobSchedulers()) {
      // Also one whose interval is another now: its waiting run would go on with the interval that it was made with.
      if (intervals.get(key) !== every) await queue.removeJobScheduler(key);
    }
    for (const { name, everyMs } of jobs) {
      const opts = { removeOnComplete: true, removeOnFail: true };
      await queue.upsertJobScheduler(name, { every: everyMs }, { name, data: { items: [] }, opts });
    }
  }

  async #take(name: string, lost: AbortSignal): Promise<void> {
    const job = this.#options.jobs.find((one) => one.name === name);
    // Of a schedule that another version of this program made: it is that one's.
    if (job === undefined) return this.#log.warn({ job: name }, 'a scheduled job is not known here');
    const stopping = this.#stopping.signal;
    if (stopping.aborted) return;
    const { limitMs = LIMIT_MS } = job;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`a run may take ${limitMs} ms`)), limitMs);
    // By hand: AbortSignal.any leaves something on the signal that lives as long as the process, with every run.
    const interrupted = new AbortController();
    const causes = [stopping, lost, late.signal];
    const interrupt = (event: Event) => interrupted.abort(event.target instanceof AbortSignal ? event.target.reason : undefined);
    for (const cause of causes) cause.addEventListener('abort', interrupt);
    try {
      await this.#run(job, interrupted.signal, late.signal);
    } finally {
      clearTimeout(timer);
      for (const cause of causes) cause.removeEventListener('abort', interrupt);
    }
  }

  /** One run and its log line; does not reject. */
  async #run({ name, run }: ScheduledJob, signal: AbortSignal, late: AbortSignal): Promise<void> {
    const started = performance.now();
    const told = () => ({ job: name, ms: Math.round(performance.now() - started) });
    const running = (async () => run(signal))();
    try {
      const figures = await this.#unlessLeft(running, late);
      if (late.aborted) return this.#log.error({ ...figures, ...told(), result: 'late' }, TOO_LONG);
      this.#log.info({ ...figures, ...told(), result: signal.aborted ? 'interrupted' : 'done' }, 'scheduled job');
    } catch (error) {
      if (error instanceof LeftError) {
        running.catch((failure: unknown) => this.#fail({ ...told(), result: 'failed' }, failure, FAILED));
        return this.#log.error({ ...told(), result: 'left' }, TOO_LONG);
      }
      if (late.aborted) return this.#fail({ ...told(), result: 'late' }, error, TOO_LONG);
      this.#fail({ ...told(), result: 'failed' }, error, FAILED);
    }
  }

  #fail(fields: object, error: unknown, message: string): void {
    this.#log.error({ ...fields, reason: (this.#options.describe ?? nameOf)(error) }, message);
  }

  /** The run's result. @throws LeftError where it goes on for too long after `late` */
  async #unlessLeft(running: Promise<RunFigures>, late: AbortSignal): Promise<RunFigures> {
    const ended = new AbortController();
    const left = new Promise<never>((_, reject) => {
      const wait = () =>
        void delay(this.#options.graceMs ?? GRACE_MS, undefined, { signal: ended.signal }).then(
          () => reject(new LeftError()),
          () => undefined,
        );
      late.addEventListener('abort', wait, { signal: ended.signal, once: true });
    });
    try {
      return await Promise.race([running, left]);
    } finally {
      ended.abort();
    }
  }

  async #close(): Promise<void> {
    this.#stopping.abort(new Error('the process ends'));
    await this.#starting?.catch(() => undefined);
    if (this.#worker === undefined) return;
    const closed = this.#worker.close().then(() => true);
    const timer = new AbortController();
    const late = delay(this.#options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS, false, { signal: timer.signal });
    const inTime = await Promise.race([closed, late]);
    timer.abort();
    if (inTime) return;
    this.#log.error({}, 'a scheduled job does not end: it is left, and its run is done again elsewhere');
    closed.catch((error: unknown) => this.#notices.report('the worker of scheduled jobs did not close', error));
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
