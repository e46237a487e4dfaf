import {
  type BackendFactory,
  type IQueueBackend,
  type Job,
  type JobProgress,
  type Processor,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { StoredPayload } from './job-payload.js';
import type { Slots } from './slots.js';

/** How many workers of a process may hold a job at a time. */
export interface Gate {
  readonly slots: Slots;
  /** Aborts when no job is to be taken any more. */
  readonly stopping: AbortSignal;
}

type Stored = Job<StoredPayload, void, string>;

/**
 * BullMQ's worker, which takes a job only while it has a place at the gate: a process that has no room leaves the jobs to the others,
 * instead of holding them while they wait inside. After each job it asks anew, so that the workers of a process take turns.
 */
export class GatedWorker<B extends IQueueBackend, C> extends Worker<StoredPayload, void, string, B, JobProgress, C> {
  readonly #gate: Gate | null;
  #leave: (() => void) | undefined;

  constructor(
    name: string,
    processor: Processor<StoredPayload, void, string>,
    options: WorkerOptions<C>,
    backend: BackendFactory<B, C>,
    gate: Gate | null,
  ) {
    super(name, processor, options, backend);
    this.#gate = gate;
  }

  protected override async moveToActive(token: string, name?: string): Promise<Stored> {
    if (this.#gate === null) return super.moveToActive(token, name);
    const { slots, stopping } = this.#gate;
    const leave = await slots.take(stopping).catch(() => null);
    // As BullMQ's own where there is no job: the type does not tell.
    if (leave === null) return undefined as never;
    let job: Stored | undefined;
    try {
      job = await super.moveToActive(token, name);
      return job;
    } finally {
      if (job === undefined) leave();
      else this.#leave = leave;
    }
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: BullMQ's own signature.
  override async processJob(job: Stored, token: string, fetchNext?: () => boolean): Promise<void | Stored> {
    if (this.#gate === null) return super.processJob(job, token, fetchNext);
    const leave = this.#leave;
    try {
      // The next job comes through the gate, not with the answer to this one.
      return await super.processJob(job, token, () => false);
    } finally {
      leave?.();
    }
  }
}
