/** The queue cannot take or give anything now; the same call may succeed later. An edge answers 503 with it. */
export class QueueUnavailableError extends Error {
  readonly code = 'queue_unavailable';
  override readonly name = 'QueueUnavailableError';
}

/** The Redis found could lose what it has acknowledged: no append-only file, or it may evict keys. */
export class UnsafeRedisError extends Error {
  readonly code = 'unsafe_redis';
  override readonly name = 'UnsafeRedisError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`this Redis may lose acknowledged events: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** The queue was made with another number of partitions: hashing with this one would break the order of its events. */
export class PartitionCountError extends Error {
  readonly code = 'partition_count';
  override readonly name = 'PartitionCountError';
  /** The number the queue was made with. */
  readonly stored: number;
  readonly configured: number;

  constructor(stored: number, configured: number) {
    super(
      `the queue has ${stored} partitions, this process is configured for ${configured}: ` +
        `configure ${stored}, or change the queue with "bbb-activity partitions set ${configured}"`,
    );
    this.stored = stored;
    this.configured = configured;
  }
}

/** A change of the number of partitions was given up, and the old number stays, because jobs were still there. */
export class PartitionsNotDrainedError extends Error {
  readonly code = 'partitions_not_drained';
  override readonly name = 'PartitionsNotDrainedError';
  /** Jobs still in any partition, of whatever state. */
  readonly jobs: number;

  constructor(jobs: number, waitedMs: number) {
    super(
      `${jobs} jobs were still in the partitions after ${waitedMs} ms; the number of partitions is unchanged: are workers running?`,
    );
    this.jobs = jobs;
  }
}

/** Thrown by a handler for what can never be applied, however often it is tried. */
export class UnprocessableError extends Error {
  readonly code = 'unprocessable';
  override readonly name = 'UnprocessableError';
  /** A short fixed term, one of few: it becomes a label. */
  readonly reason: string;
  /** What exactly is wrong, for the person who looks at the dead letter. */
  readonly detail: string;

  constructor(reason: string, detail: string, options?: ErrorOptions) {
    super(`${reason}: ${detail}`, options);
    this.reason = reason;
    this.detail = detail;
  }
}

/** Ends a processor whose head must go back to the head of its partition: the worker stops. */
export class HandedBackError extends Error {
  readonly code = 'handed_back';
  override readonly name = 'HandedBackError';

  constructor() {
    super('handed back: the worker stops');
  }
}

/** Ends a processor whose job belongs to another worker by now. */
export class LockLostError extends Error {
  readonly code = 'lock_lost';
  override readonly name = 'LockLostError';

  constructor() {
    super('the lock of this job could not be renewed: another worker may have it');
  }
}

/** What to do with a batch whose handler rejected. */
export type Remedy = 'retry' | 'split' | 'dead-letter';

/** Everything is transient but {@link UnprocessableError}; of several items one is to blame and is looked for. */
export function remedyFor(error: unknown, items: number): Remedy {
  if (!(error instanceof UnprocessableError)) return 'retry';
  return items > 1 ? 'split' : 'dead-letter';
}

/** An error's words alone. Drivers hang the arguments of the failed command on their errors: payloads and passwords. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** `what` failed because of `error`, which is told by its words alone. */
export function unavailable(what: string, error: unknown): QueueUnavailableError {
  return new QueueUnavailableError(`${what}: ${messageOf(error)}`);
}
