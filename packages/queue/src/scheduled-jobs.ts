import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, unavailable } from './errors.js';
import type { PartitionQueue, PartitionWorker, QueueBackend } from './queue-backend.js';
import { ErrorNotices, type QueueLog, silentLog } from './queue-log.js';

/** Something to be done again and again. */
export interface ScheduledJob {
  /** Names its schedule: the same in every process. */
  readonly name: string;
  /** From one run to the next, in ms. */
  readonly everyMs: number;
  /**
   * One run. It may be called again after half of a run, when a process dies in it. `signal` aborts when the process is to end, or when
   * another one may have taken the run over: what is not done then is left to the next run.
   */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface ScheduledJobsOptions {
  readonly jobs: readonly ScheduledJob[];
  readonly log?: QueueLog;
  /** How long a process that died keeps the run it was in, about, in ms. Default 10,000. */
  readonly lockMs?: number;
  /** How long close() waits for a run to heed its signal. Default 20,000. */
  readonly closeTimeoutMs?: number;
}

export const SCHEDULED_QUEUE = 'scheduled';
const LOCK_MS = 10_000;
const CLOSE_TIMEOUT_MS = 20_000;
const REFUSED_CONNECTION_RETRY_MS = 1_000;
/** A run whose process died is done by another, however often that happens. */
const MAX_STALLS = 1_000_000_000;

/**
 * Runs jobs at intervals, each once an interval over all processes, and one at a time over all jobs and processes: they go over the
 * same database, and none is in a hurry. A run that fails is logged, and the next one comes at its time.
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
        await this.#run(name, AbortSignal.any([lost.signal, this.#stopping.signal]));
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

  async #run(name: string, signal: AbortSignal): Promise<void> {
    const job = this.#options.jobs.find((one) => one.name === name);
    // Of a schedule that another version of this program made: it is that one's.
    if (job === undefined) return this.#log.warn({ job: name }, 'a scheduled job is not known here');
    if (signal.aborted) return;
    const started = performance.now();
    try {
      await job.run(signal);
    } catch (error) {
      const ms = Math.round(performance.now() - started);
      this.#log.error({ job: name, ms, reason: messageOf(error) }, 'a scheduled job failed; it runs again at its next time');
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
