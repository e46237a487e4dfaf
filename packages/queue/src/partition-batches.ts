import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { BatchContext, BatchOutcome } from './batch-context.js';
import type { DeadLetters } from './dead-letters.js';
import { HandedBackError, messageOf, remedyFor, UnprocessableError } from './errors.js';
import { type JobOrigin, MOST_ORIGINS, originsOf } from './job-origin.js';
import { itemsOf, type StoredPayload } from './job-payload.js';
import type { Pace } from './pace.js';
import type { PartitionJobs } from './partition-jobs.js';
import type { WaitingJob } from './queue-backend.js';
import type { QueueLog } from './queue-log.js';
import { retryBackoffMs } from './retry-backoff.js';

/** Between two turns at least, in ms: so long others need to see that there is something for them. */
const PAUSE_MS = 50;

export interface BatchOptions<T> {
  readonly jobs: PartitionJobs;
  readonly partition: number;
  readonly handle: (items: readonly T[], context: BatchContext) => Promise<void>;
  readonly maxItems: number;
  /** Least time between two calls of the handler for this partition, in ms. */
  readonly intervalMs: number;
  /** How long the head is kept in hand while there is more to come, in ms. */
  readonly turnMs: number;
  /** Of the process, for all its partitions; null where only some of them can have a job in hand at a time. */
  readonly pace: Pace | null;
  readonly deadLetters: DeadLetters;
  readonly describe: (item: T) => string;
  /** Puts an item among the dead letters by `put`, perhaps changed, or not at all. What it rejects with is transient. */
  readonly setAside: (item: T, put: (item: T) => Promise<void>) => Promise<void>;
  readonly backoffMs: (attempt: number) => number;
  readonly onBatch: (outcome: BatchOutcome) => void;
  readonly log: QueueLog;
  /** Aborts when the worker is to stop: what has not begun is handed back. */
  readonly stopping: AbortSignal;
}

/**
 * Applies the jobs of one partition: the one that BullMQ gave and those that wait behind it, in one call of the handler.
 *
 *     head taken ─▶ pace kept ─▶ next jobs read ─▶ handle ─┬─ applied ─▶ next jobs removed ─┬─ turn over, or little left ─▶ head done
 *                                                     ▲ ▲ │                                └─ more to come ──┐
 *                                                     └─┼─┼── pace kept ◀── next jobs read ◀─────────────────┘
 *                                                       │ ├─ failed ──▶ backoff ─┐
 *                                                       ├─┴──────────────────────┘
 *                                                       └─ unprocessable ─▶ halves, in order; one alone ─▶ dead letters
 *     stopping, anywhere between two calls ─▶ head handed back at the head
 *     a job that cannot be decoded, head or not ─▶ dead letters, whole
 *     an error that has no place here ─▶ backoff ─▶ head handed back at the head
 */
export class PartitionBatches<T> {
  readonly #options: BatchOptions<T>;
  #hasMore = false;
  #lastStart = Number.NEGATIVE_INFINITY;
  /** Settles once all calls of the job in hand are known to the limiter. */
  #counted: Promise<unknown> = Promise.resolve();
  /** Unexpected ones, one after the other. */
  #failures = 0;
  /** Of the jobs in hand. */
  #from: readonly JobOrigin[] = [];
  /** Aborts when the job in hand is not to be waited for any longer: the worker stops, or its lock is lost. */
  #interrupted = new AbortController().signal;

  constructor(options: BatchOptions<T>) {
    this.#options = options;
  }

  /** Whether the last turn ended before the backlog did, as far as is known. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** BullMQ's processor. `owned` aborts when the job's lock is lost. */
  async process(job: Job<StoredPayload, void, string>, owned: AbortSignal): Promise<void> {
    // Whatever ends this without success puts the job back, and then only at the head.
    job.opts.lifo = true;
    this.#counted = Promise.resolve();
    const { stopping } = this.#options;
    // By hand: AbortSignal.any leaves something on each signal that outlives it, with every job.
    const interrupted = new AbortController();
    const interrupt = () => interrupted.abort();
    const causes = [stopping, owned];
    for (const cause of causes) cause.addEventListener('abort', interrupt);
    if (causes.some(({ aborted }) => aborted)) interrupt();
    this.#interrupted = interrupted.signal;
    try {
      await this.#processAll(job, owned);
      this.#failures = 0;
    } catch (error) {
      this.#options.pace?.leave(this.#options.partition);
      if (error instanceof HandedBackError || owned.aborted) throw error;
      this.#failures += 1;
      this.#warn(error, 'a job ended as nobody expected: its partition waits');
      await this.#wait(retryBackoffMs(this.#failures), owned);
      throw error;
    } finally {
      for (const cause of causes) cause.removeEventListener('abort', interrupt);
    }
  }

  async #processAll(job: Job<StoredPayload, void, string>, owned: AbortSignal): Promise<void> {
    const { jobs, partition, pace, maxItems, turnMs } = this.#options;
    const turnEndsAt = performance.now() + turnMs;
    await pace?.begin(partition, job.timestamp, this.#interrupted);
    this.#goOn(owned);
    const head = { id: job.id ?? '', data: job.data };
    const items = await this.#itemsOf(head, owned);
    const [behind] = await Promise.all([jobs.next(maxItems - items.length), jobs.noteServer()]);
    const isFull = await this.#applyJobs([head, ...behind], [...items, ...(await this.#itemsOfAll(behind, owned))], owned);
    this.#hasMore = (await jobs.remove(behind)) && isFull;
    try {
      while (this.#hasMore && performance.now() < turnEndsAt) this.#hasMore = await this.#applyNext(owned);
    } catch (error) {
      // The head is applied, and those that are not wait as they did: it need not come again.
      if (!(error instanceof HandedBackError) || owned.aborted) throw error;
    }
    // From now on any process may take it, and the queue tells how far it is.
    pace?.leave(partition);
    if (this.#hasMore && turnMs > 0) await this.#noneFor(Math.max(this.#options.intervalMs, PAUSE_MS));
  }

  /** The jobs that wait while an applied head is still in hand. Gives whether there is more to come at once. */
  async #applyNext(owned: AbortSignal): Promise<boolean> {
    const { jobs, partition, pace, maxItems } = this.#options;
    await this.#wait(this.#untilNextCall(), owned);
    const next = await jobs.next(maxItems);
    const [first] = next;
    if (first === undefined) return false;
    await pace?.begin(partition, first.queuedAt, this.#interrupted);
    this.#goOn(owned);
    const isFull = await this.#applyJobs(next, await this.#itemsOfAll(next, owned), owned);
    return (await jobs.remove(next)) && isFull;
  }

  /** Gives whether the call was rather full: then there is more to come at once, as it seems. */
  async #applyJobs(jobs: readonly WaitingJob[], items: readonly T[], owned: AbortSignal): Promise<boolean> {
    const { partition, pace, maxItems } = this.#options;
    this.#from = jobs.flatMap(({ data }) => originsOf(data)).slice(0, MOST_ORIGINS);
    for (let start = 0; start < items.length; start += maxItems) {
      await this.#apply(items.slice(start, start + maxItems), owned);
    }
    const isFull = items.length > maxItems / 2;
    pace?.end(partition, isFull);
    return isFull;
  }

  async #itemsOfAll(jobs: readonly WaitingJob[], owned: AbortSignal): Promise<T[]> {
    const items: T[] = [];
    for (const job of jobs) items.push(...(await this.#itemsOf(job, owned)));
    return items;
  }

  /** None where the job holds none: it is a dead letter then, with all that it holds. */
  async #itemsOf({ id, data }: WaitingJob, owned: AbortSignal): Promise<T[]> {
    const items = itemsOf(data);
    if (items !== null) return items as T[];
    const letter = {
      reason: 'undecodable_job',
      detail: `job ${id} holds no items`,
      payload: data,
      source: this.#options.jobs.queueName,
    };
    await this.#untilStored(() => this.#options.deadLetters.add(letter), owned);
    this.#options.log.error({ partition: this.#options.partition, reason: letter.reason, job: id }, 'put aside as a dead letter');
    return [];
  }

  async #apply(items: readonly T[], owned: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const error = await this.#try(items, attempt, owned);
      if (error === undefined) return;
      this.#options.pace?.leave(this.#options.partition);
      const remedy = remedyFor(error, items.length);
      if (remedy === 'split') {
        const middle = Math.ceil(items.length / 2);
        await this.#apply(items.slice(0, middle), owned);
        return this.#apply(items.slice(middle), owned);
      }
      if (remedy === 'dead-letter' && error instanceof UnprocessableError) return this.#bury(items, error, owned);
      await this.#wait(this.#options.backoffMs(attempt), owned);
    }
  }

  /** One call of the handler; gives its error, if any. @throws {HandedBackError} */
  async #try(items: readonly T[], attempt: number, owned: AbortSignal): Promise<unknown> {
    const { partition, handle, jobs } = this.#options;
    await this.#again(owned);
    const start = this.#lastStart;
    let failure: unknown;
    try {
      const { tenure } = jobs;
      await handle(items, { partition, attempt, tenure, again: () => this.#again(owned), from: this.#from, signal: owned });
    } catch (error) {
      failure = error ?? new Error('the handler rejected without an error');
    }
    const durationMs = performance.now() - start;
    await this.#counted;
    const told = { partition, items: items.length, attempt, durationMs };
    if (failure === undefined) {
      this.#options.onBatch({ ...told, result: 'applied' });
      return undefined;
    }
    const outcome: BatchOutcome = { ...told, result: remedyFor(failure, items.length), error: messageOf(failure) };
    this.#options.onBatch(outcome);
    this.#options.log.warn(outcome, 'a batch was not applied');
    return failure;
  }

  #untilNextCall(): number {
    return this.#lastStart + this.#options.intervalMs - performance.now();
  }

  /** Waits until the budget allows one more transaction. @throws {HandedBackError} @throws the reason of `owned` */
  async #again(owned: AbortSignal): Promise<void> {
    await this.#wait(this.#untilNextCall(), owned);
    this.#lastStart = performance.now();
    this.#counted = Promise.all([this.#counted, this.#noneFor(this.#options.intervalMs)]);
  }

  /** Without a budget there is no limiter. */
  async #noneFor(ms: number): Promise<void> {
    if (this.#options.intervalMs > 0) await this.#options.jobs.noneFor(ms);
  }

  async #bury(items: readonly T[], error: UnprocessableError, owned: AbortSignal): Promise<void> {
    const { deadLetters, describe, setAside, log } = this.#options;
    for (const item of items) {
      const { reason, detail } = error;
      const put = (payload: T) => deadLetters.add({ reason, detail, payload, source: this.#options.jobs.queueName });
      // It asks the database who was erased.
      await this.#again(owned);
      await this.#untilStored(() => setAside(item, put), owned);
      await this.#counted;
      log.error({ partition: this.#options.partition, reason, item: describe(item) }, 'put aside as a dead letter');
    }
  }

  async #untilStored(store: () => Promise<void>, owned: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await store();
      } catch (failure) {
        this.#warn(failure, 'a dead letter cannot be stored: its partition waits');
        await this.#wait(this.#options.backoffMs(attempt), owned);
      }
    }
  }

  /** @throws {HandedBackError} when the worker is to stop. @throws the reason of `owned` when the lock is lost. */
  async #wait(ms: number, owned: AbortSignal): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.#interrupted }).catch(() => undefined);
    this.#goOn(owned);
  }

  /** @throws as {@link #wait} */
  #goOn(owned: AbortSignal): void {
    owned.throwIfAborted();
    if (this.#options.stopping.aborted) throw new HandedBackError();
  }

  #warn(error: unknown, message: string): void {
    this.#options.log.warn({ partition: this.#options.partition, reason: messageOf(error) }, message);
  }
}
