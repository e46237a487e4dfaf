import { PartitionCountError, QueueUnavailableError, unavailable } from './errors.js';
import type { HighWaterMark } from './high-water.js';
import { type JobOrigin, MOST_ORIGINS } from './job-origin.js';
import { jobName, payloadText } from './job-payload.js';
import { claimPartitionCount, formatRecord, parseRecord } from './partition-count.js';
import { partitionOf, partitionQueueName } from './partition-of.js';
import type { JobWriter, NewJob, QueueBackend } from './queue-backend.js';

export interface PublisherOptions {
  readonly partitions: number;
  /** The longest to go on gathering, while little has gathered, after a write that others were waiting for, in ms. Default 3; an idle publisher never waits. */
  readonly lingerMs?: number;
  /** Default 500. */
  readonly maxItemsPerJob?: number;
  /** The most items that wait to be written or are being written; beyond, they are refused. Default 20,000. */
  readonly maxWaitingItems?: number;
  /** While it is reached, everything is refused. */
  readonly highWater?: Pick<HighWaterMark, 'reached'>;
  /** The longest a publish() takes, in ms. Default 3,000: a BBB server waits 5 s for an answer. */
  readonly timeoutMs?: number;
}

export interface KeyedItem<T> {
  readonly key: string;
  readonly item: T;
}

interface Waiting<T> {
  readonly items: readonly KeyedItem<T>[];
  readonly from: readonly JobOrigin[];
  readonly timer: NodeJS.Timeout;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const LINGER_MS = 3;
/** So many calls are worth a write: more of them make it little cheaper for each, and the first of them later. */
const ENOUGH = 32;
const MAX_ITEMS_PER_JOB = 500;
const TIMEOUT_MS = 3_000;
const MAX_WAITING_ITEMS = 20_000;

/**
 * Puts items into the partitions of their keys, by group commit: one write at a time holds all that came meanwhile, for all
 * partitions, as one job each.
 *
 *     idle ──publish──▶ writing ──answered, none waiting──▶ idle
 *                        ▲    └──answered, some waiting──▶ lingering ─┐
 *                        └─────────lingerMs, or enough waiting───────┘
 */
export class PartitionPublisher<T> {
  readonly #backend: QueueBackend;
  readonly #writer: JobWriter;
  readonly #partitions: number;
  readonly #record: string;
  readonly #lingerMs: number;
  readonly #maxItemsPerJob: number;
  readonly #timeoutMs: number;
  readonly #maxWaitingItems: number;
  readonly #highWater: Pick<HighWaterMark, 'reached'> | undefined;
  /** In the order of their calls; those that timed out before they were written are gone. */
  readonly #waiting = new Set<Waiting<T>>();
  /** Items of calls that are not answered. */
  #unanswered = 0;
  #flushing: Promise<void> | undefined;
  /** Ends the lingering. */
  #stopLingering: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(backend: QueueBackend, writer: JobWriter, options: PublisherOptions) {
    this.#backend = backend;
    this.#writer = writer;
    this.#partitions = options.partitions;
    this.#record = formatRecord({ count: options.partitions });
    this.#lingerMs = options.lingerMs ?? LINGER_MS;
    this.#maxItemsPerJob = options.maxItemsPerJob ?? MAX_ITEMS_PER_JOB;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#maxWaitingItems = options.maxWaitingItems ?? MAX_WAITING_ITEMS;
    this.#highWater = options.highWater;
  }

  /**
   * @throws {PartitionCountError} when the store was made with another number of partitions.
   * @throws {QueueUnavailableError}
   */
  static async open<T>(backend: QueueBackend, options: PublisherOptions): Promise<PartitionPublisher<T>> {
    await claimPartitionCount(backend, options.partitions);
    const writer = await backend.writer(options.timeoutMs ?? TIMEOUT_MS);
    return new PartitionPublisher<T>(backend, writer, options);
  }

  /**
   * Resolves when all items are durable in the queue. Items of one key keep their order, within a call and over calls.
   *
   * @param from where they come from, told with each job that holds one of them
   * @throws {QueueUnavailableError} at once where the store is nearly full, or more waits to be written than fits into memory; within
   *   `timeoutMs` where the store is away, or its number of partitions is being changed. The
   *   items may have arrived all the same; publishing them again is harmless to who knows an item by its identity.
   */
  publish(items: readonly KeyedItem<T>[], from: readonly JobOrigin[] = []): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new QueueUnavailableError('the publisher is closed'));
    if (items.length === 0) return Promise.resolve();
    try {
      this.requireRoom(items.length);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#unanswered += items.length;
    return this.#enqueue(items, from).finally(() => {
      this.#unanswered -= items.length;
    });
  }

  /** How many items were given and are not answered. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** @throws {QueueUnavailableError} where so many items would be refused at once, whatever the store does. */
  requireRoom(items = 1): void {
    if (this.#highWater?.reached === true) throw new QueueUnavailableError('the memory of the queue is nearly full');
    if (this.#unanswered + items > this.#maxWaitingItems) {
      throw new QueueUnavailableError(`${this.#unanswered} items wait to be written already`);
    }
  }

  #enqueue(items: readonly KeyedItem<T>[], from: readonly JobOrigin[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting<T> = {
        items,
        from,
        resolve,
        reject,
        timer: setTimeout(() => {
          this.#waiting.delete(waiting);
          reject(new QueueUnavailableError(`the queue did not take the items within ${this.#timeoutMs} ms`));
        }, this.#timeoutMs),
      };
      this.#waiting.add(waiting);
      if (this.#waiting.size >= ENOUGH) this.#stopLingering?.();
      this.#flushing ??= this.#flush();
    });
  }

  /** Writes what waits, then lets go of the connection. Safe to call twice and at once. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#flushing;
      await this.#writer.close();
    })();
    return this.#closing;
  }

  async #flush(): Promise<void> {
    for (;;) {
      const batch = [...this.#waiting];
      this.#waiting.clear();
      const underLoad = batch.length > 0 && (await this.#commit(batch));
      if (this.#waiting.size === 0) {
        this.#flushing = undefined;
        return;
      }
      // The less a write held, the less there is to gather.
      if (underLoad && this.#closing === undefined && this.#waiting.size < ENOUGH) await this.#linger(batch.length / ENOUGH);
    }
  }

  /** @param load how full the write before was, of 1 */
  async #linger(load: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resume) => {
      this.#stopLingering = resume;
      timer = setTimeout(resume, this.#lingerMs * Math.min(1, load));
    });
    clearTimeout(timer);
    this.#stopLingering = undefined;
  }

  /** Gives whether others came during the write: one caller who publishes again when he is answered is no load. */
  async #commit(batch: readonly Waiting<T>[]): Promise<boolean> {
    let others = false;
    try {
      await this.#write(this.#jobsOf(batch));
      others = this.#waiting.size > 0;
      for (const { timer, resolve } of batch) {
        clearTimeout(timer);
        resolve();
      }
    } catch (error) {
      const told = error instanceof QueueUnavailableError ? error : unavailable('the queue did not take the items', error);
      for (const { timer, reject } of batch) {
        clearTimeout(timer);
        reject(told);
      }
    }
    return others;
  }

  #jobsOf(batch: readonly Pick<Waiting<T>, 'items' | 'from'>[]): NewJob[] {
    const byPartition = new Map<number, { readonly items: T[]; readonly from: Set<JobOrigin> }>();
    for (const { items, from } of batch) {
      for (const { key, item } of items) {
        const partition = partitionOf(key, this.#partitions);
        const mine = byPartition.get(partition) ?? { items: [], from: new Set() };
        if (mine.items.length === 0) byPartition.set(partition, mine);
        mine.items.push(item);
        for (const origin of from) if (mine.from.size < MOST_ORIGINS) mine.from.add(origin);
      }
    }
    return [...byPartition].flatMap(([partition, { items: mine, from }]) => {
      const jobs: NewJob[] = [];
      for (let start = 0; start < mine.length; start += this.#maxItemsPerJob) {
        const share = mine.slice(start, start + this.#maxItemsPerJob);
        const data = payloadText(share, [...from]);
        jobs.push({ queueName: partitionQueueName(partition), name: jobName(share.length), data });
      }
      return jobs;
    });
  }

  async #write(jobs: readonly NewJob[]): Promise<void> {
    const givenUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        givenUp.abort();
        this.#writer.reset();
        reject(new QueueUnavailableError(`the queue did not answer within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
    });
    try {
      await Promise.race([this.#add(jobs, givenUp.signal), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #add(jobs: readonly NewJob[], givenUp: AbortSignal): Promise<void> {
    let outcome = await this.#writer.add(jobs, this.#record);
    if (outcome !== 'written' && outcome.record === null) {
      // The store has lost its record: a Redis that was emptied begins anew.
      await claimPartitionCount(this.#backend, this.#partitions);
      // By now the writer may have the next write in hand.
      givenUp.throwIfAborted();
      outcome = await this.#writer.add(jobs, this.#record);
    }
    if (outcome === 'written') return;
    const found = parseRecord(outcome.record);
    if (found !== null && found.count !== this.#partitions) {
      throw new QueueUnavailableError(new PartitionCountError(found.count, this.#partitions).message);
    }
    throw new QueueUnavailableError('the number of partitions is being changed');
  }
}
