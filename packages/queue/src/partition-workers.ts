import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchContext, BatchOutcome } from './batch-context.js';
import type { DeadLetters } from './dead-letters.js';
import { HandedBackError, LockLostError, unavailable } from './errors.js';
import type { Gate } from './gated-worker.js';
import { Heads } from './heads.js';
import { Pace } from './pace.js';
import { PartitionBatches } from './partition-batches.js';
import { claimPartitionCount } from './partition-count.js';
import { PartitionJobs } from './partition-jobs.js';
import { partitionQueueName } from './partition-of.js';
import type { PartitionWorker, QueueBackend } from './queue-backend.js';
import { ErrorNotices, type QueueLog, silentLog } from './queue-log.js';
import { retryBackoffMs } from './retry-backoff.js';
import { Slots } from './slots.js';

export interface WorkersOptions<T> {
  readonly partitions: number;
  /** How many partitions this process holds at a time; the others are left to other processes. Default: all. */
  readonly concurrentPartitions?: number;
  /**
   * Applies items in their order. What it rejects with is transient, and tried again with the same items, unless it is an
   * UnprocessableError. It may be called again with items it has applied, in part or all.
   */
  readonly handle: (items: readonly T[], context: BatchContext) => Promise<void>;
  /** The most items of one call. */
  readonly batchMaxItems: number;
  /** Calls of `handle` a second, over all partitions and processes; null for no limit. In any second there are at most this and one more for each partition. */
  readonly maxBatchesPerSecond: number | null;
  readonly deadLetters: DeadLetters;
  /** How an item may be named in a log: without anything personal. */
  readonly describe?: (item: T) => string;
  /** How an item becomes a dead letter: by `put`, with the item or what may be kept of it. Default: the item as it is. */
  readonly setAside?: (item: T, put: (item: T) => Promise<void>) => Promise<void>;
  readonly log?: QueueLog;
  readonly onBatch?: (outcome: BatchOutcome) => void;
  /** The wait after a failed try, in ms, of its number from 1. */
  readonly backoffMs?: (attempt: number) => number;
  /** How long a worker that died keeps its partitions, about, in ms. Default 5,000. */
  readonly lockMs?: number;
  /** How long a process goes on with a partition of a backlog before any process may take it, in ms. Default 10,000. */
  readonly turnMs?: number;
  /** How long close() lets a running call go on before it aborts its signal and leaves it. Default 20,000. */
  readonly closeTimeoutMs?: number;
}

const LOCK_MS = 5_000;
const CLOSE_TIMEOUT_MS = 20_000;
/** Between the abort of a call's signal and leaving it. */
const ABORT_GRACE_MS = 1_000;
/**
 * What a process remembers of a partition is worth something only for as long as it has it; one that has just started should not wait longer for its
 * share (docs/decisions/pace.md).
 */
const TURN_MS = 10_000;
const REFUSED_CONNECTION_RETRY_MS = 1_000;
/** A kill while a job is active counts as one stall; BullMQ fails a job that has more, and lets the next ones pass it. */
const MAX_STALLS = 1_000_000_000;

interface Running {
  readonly worker: PartitionWorker;
  readonly ended: Promise<void>;
  /** Aborts the signal of the job in hand. A worker that is closing takes no other. */
  leave(): void;
}

/**
 * Serves all partitions, each with at most one call of `handle` at a time over all processes, in order.
 *
 * Order holds through failures, graceful stops and kills. A worker whose machine stands still for longer than `lockMs` may
 * find its partition taken over; its call's signal aborts, but that call, or one that it begins as it goes on, may overlap with those of the other.
 */
export class PartitionWorkers<T> {
  readonly #backend: QueueBackend;
  readonly #options: WorkersOptions<T>;
  readonly #log: QueueLog;
  readonly #notices: ErrorNotices;
  readonly #server = randomUUID();
  readonly #stopping = new AbortController();
  readonly #running: Running[] = [];
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(backend: QueueBackend, options: WorkersOptions<T>) {
    this.#backend = backend;
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#notices = new ErrorNotices(this.#log);
    // One of each partition that has a job in hand.
    setMaxListeners(0, this.#stopping.signal);
  }

  /**
   * Safe to call twice and at once.
   *
   * @throws {PartitionCountError} when the queue was made with another number of partitions.
   * @throws {QueueUnavailableError}
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Stops taking jobs, lets running calls finish, and hands back the heads that wait, at the head. Takes no longer than
   * about `closeTimeoutMs`; a call that is left behind then comes again elsewhere. Safe to call twice and at once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    const { partitions } = this.#options;
    await claimPartitionCount(this.#backend, partitions);
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    await Promise.all(all.map((partition) => this.#backend.queue(partitionQueueName(partition)).setGlobalConcurrency(1))).catch(
      (error: unknown) => {
        throw unavailable('the partitions cannot be prepared', error);
      },
    );
    const room = this.#options.concurrentPartitions ?? partitions;
    const gate = room < partitions ? { slots: new Slots(room), stopping: this.#stopping.signal } : null;
    // Behind a gate, one that waits for the others would keep them from their turn.
    const pace = gate === null ? new Pace({ heads: this.#headsOf(all.map(partitionQueueName)) }) : null;
    if (this.#closing !== undefined) return;
    for (const partition of all) this.#running.push(this.#serve(partition, gate, pace));
  }

  #headsOf(queueNames: readonly string[]): Heads {
    return new Heads(
      () => this.#backend.nextQueuedAt(queueNames),
      (error) => this.#notices.report('it is not known how far other processes are: their partitions are not waited for', error),
    );
  }

  #serve(partition: number, gate: Gate | null, pace: Pace | null): Running {
    const { partitions, maxBatchesPerSecond } = this.#options;
    const intervalMs = maxBatchesPerSecond === null ? 0 : Math.ceil((1_000 * partitions) / maxBatchesPerSecond);
    const lockMs = this.#options.lockMs ?? LOCK_MS;
    const jobs = new PartitionJobs({ backend: this.#backend, partition, server: this.#server, log: this.#log });
    const batches = new PartitionBatches<T>({
      jobs,
      partition,
      handle: this.#options.handle,
      maxItems: this.#options.batchMaxItems,
      intervalMs,
      turnMs: gate === null ? (this.#options.turnMs ?? TURN_MS) : 0,
      pace,
      deadLetters: this.#options.deadLetters,
      describe: this.#options.describe ?? (() => 'item'),
      setAside: this.#options.setAside ?? ((item, put) => put(item)),
      backoffMs: this.#options.backoffMs ?? retryBackoffMs,
      onBatch: this.#options.onBatch ?? (() => undefined),
      log: this.#log,
      stopping: this.#stopping.signal,
    });
    let owned = new AbortController();
    const worker = this.#backend.worker(
      partitionQueueName(partition),
      async (job) => {
        owned = new AbortController();
        await batches.process(job, owned.signal);
      },
      {
        gate,
        concurrency: 1,
        lockDuration: lockMs,
        stalledInterval: Math.round(lockMs * 0.4),
        maxStalledCount: MAX_STALLS,
        runRetryDelay: REFUSED_CONNECTION_RETRY_MS,
        // A window of one call: of one with ten calls, nineteen were measured in a sliding second.
        ...(intervalMs > 0 ? { limiter: { max: 1, duration: intervalMs } } : {}),
      },
    );
    worker.on('lockRenewalFailed', () => owned.abort(new LockLostError()));
    worker.on('stalled', (jobId) => this.#log.warn({ partition, jobId }, 'a worker died or stood still: its job is taken again'));
    worker.on('completed', () => {
      // Behind a gate they look by themselves.
      if (gate !== null || !batches.hasMore) return;
      this.#backend.wakeAnother(partitionQueueName(partition)).catch((error: unknown) => {
        this.#notices.report('no other process could be told that a backlog waits', error);
      });
    });
    worker.on('error', (error) => this.#notices.report('a worker reports an error', error));
    worker.on('failed', (_, error) => {
      if (!(error instanceof HandedBackError)) this.#notices.report('a job was put back at the head', error);
    });
    const ended = worker.run().catch((error: unknown) => this.#notices.report('a worker ended', error));
    return { worker, ended, leave: () => owned.abort(new HandedBackError()) };
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    await this.#starting?.catch(() => undefined);
    const closed = Promise.all(this.#running.map(({ worker }) => worker.close()));
    if (await inTime(closed, this.#options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS)) return;
    this.#log.error({}, 'closing takes too long: running calls are left, and come again elsewhere');
    for (const running of this.#running) running.leave();
    if (await inTime(closed, ABORT_GRACE_MS)) return;
    closed.catch((error: unknown) => this.#notices.report('a worker did not close', error));
  }
}

async function inTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([work.then(() => true), delay(ms, false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
