import type { IQueueBackend, Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import type { Gate } from './gated-worker.js';
import type { StoredPayload } from './job-payload.js';

/** Of each queue: nobody follows the streams of events; BullMQ keeps 10,000 unless told. */
export const KEPT_EVENTS = 1_000;

export type BackendOptions =
  | {
      readonly kind: 'redis';
      readonly url: string;
      /** BullMQ's key prefix: keys are `{prefix}:{queue}:…`. */
      readonly prefix: string;
      /** Take a Redis that may lose what it acknowledged. */
      readonly allowUnsafe?: boolean;
    }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Names the schema of BullMQ's tables: see {@link postgresSchema}. */
      readonly prefix: string;
    };

/** BullMQ's queue over either backend, as Bull Board takes it. */
export type PartitionQueue = Queue<StoredPayload, unknown, string, StoredPayload, unknown, string, IQueueBackend, unknown>;
export type PartitionWorker = Worker<StoredPayload, void, string, IQueueBackend, object, unknown>;
export type PartitionJobProcessor = Processor<StoredPayload, void, string>;
export type WorkerSettings = Omit<WorkerOptions, 'connection' | 'prefix'> & { readonly gate?: Gate | null };

/** A job that waits, with its data as stored. */
export interface WaitingJob {
  readonly id: string;
  readonly data: unknown;
}

export interface NextJob extends WaitingJob {
  /** When it was added, unix ms. */
  readonly queuedAt: number;
}

export interface QueueDepth {
  readonly waiting: number;
  readonly active: number;
  /** When the oldest job that waits, or that is held by a worker, was added: unix ms. Null when there is none. */
  readonly oldestAt: number | null;
}

/** What was removed. */
export interface Trimmed {
  readonly jobs: number;
  readonly bytes: number;
}

/** What becomes of a job. */
export interface JobChange {
  readonly data: StoredPayload;
  /** The deduplication id that it has from now on; where another job has it already, nothing is changed, and that is `known`. */
  readonly knownAs?: string;
}

export interface NewJob {
  readonly queueName: string;
  readonly name: string;
  /** A {@link StoredPayload} as JSON. */
  readonly data: string;
}

/** One way to write jobs, of one writer: its writes must not overlap. */
export interface JobWriter {
  /**
   * Adds all jobs, or none, in one transaction that holds only while the partition record is `record`. Gives `written`,
   * or, where nothing was written for the record being another, the record as it is.
   *
   * @throws whatever the store throws; the jobs may then be there or not.
   */
  add(jobs: readonly NewJob[], record: string): Promise<'written' | { readonly record: string | null }>;
  /**
   * Drops the connection after a write that did not answer, so that the next one does not queue up behind it. What that
   * write has not sent by then it never sends.
   */
  reset(): void;
  close(): Promise<void>;
}

export interface StoreMemory {
  readonly used: number;
  readonly limit: number;
}

/** A store of queues: one connected Redis, or one PostgreSQL. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** @throws {QueueUnavailableError} */
  ping(): Promise<void>;
  /** Bytes of memory that the store uses and may use; null where it has no limit. @throws what the store throws */
  memory(): Promise<StoreMemory | null>;
  /** Ends the connections; what was opened on it must be closed before. Safe to call twice. */
  close(): Promise<void>;

  /** The BullMQ queue of this name, for looking into it (Bull Board). Closed with the backend. */
  queue(name: string): PartitionQueue;
  /** A BullMQ worker that does not run yet. */
  worker(name: string, processor: PartitionJobProcessor, settings: WorkerSettings): PartitionWorker;
  writer(timeoutMs: number): Promise<JobWriter>;

  /** The next waiting jobs in the order they will be taken, as many as have `maxItems` items together (by their names). */
  nextWaiting(queueName: string, maxItems: number): Promise<NextJob[]>;
  /** Notes who serves the queue from now on. Gives who did before, or null. */
  noteServer(queueName: string, server: string): Promise<string | null>;
  /** Has another worker than the one that had the queue's last job look for the next one: it would wait for a new job otherwise. */
  wakeAnother(queueName: string): Promise<void>;
  /** Removes jobs that wait, from the consuming end; those that do not wait (any more) are left alone. Gives how many went. */
  removeWaiting(queueName: string, ids: readonly string[]): Promise<number>;
  /** The newest waiting jobs first, of ids below `before`. */
  newestWaiting(queueName: string, limit: number, before: number | null): Promise<WaitingJob[]>;
  /**
   * Keeps the newest waiting jobs, at most so many and of so many bytes of data together (as Redis has it: JSON; as
   * PostgreSQL has it: jsonb, compressed where that helps), and removes the others.
   */
  trimOldest(queueName: string, maxJobs: number, maxBytes: number): Promise<Trimmed>;
  depth(queueName: string): Promise<QueueDepth>;
  /** When the job that is taken next from each queue was added: unix ms; null where none waits. */
  nextQueuedAt(queueNames: readonly string[]): Promise<(number | null)[]>;
  /** How many waiting jobs there are of each name. */
  waitingByName(queueName: string): Promise<Map<string, number>>;
  /** Jobs in any state but completed, also while the queue is paused. */
  jobsLeft(queueName: string): Promise<number>;
  /** Ids of all jobs of the queue, whatever their state, in no order; each perhaps more than once. */
  jobIds(queueName: string): AsyncIterable<string>;
  /** A job's data as stored, whatever its state; null where there is none. */
  jobData(queueName: string, id: string): Promise<{ readonly data: unknown } | null>;
  /** Replaces a job's data by what `change` makes of it, unless that is null or the job is gone; again where it changed meanwhile. */
  changeData(
    queueName: string,
    id: string,
    change: (data: unknown) => Promise<JobChange | null>,
  ): Promise<'changed' | 'left' | 'known'>;
  /** Removes what the queue tells of its past; its jobs stay. */
  forgetEvents(queueName: string): Promise<void>;

  readPartitionRecord(): Promise<string | null>;
  /** False where a record is there already. */
  createPartitionRecord(record: string): Promise<boolean>;
  /** False where the record is not `from`. */
  replacePartitionRecord(from: string, to: string): Promise<boolean>;
}
