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

/** How long a worker goes on with its partition before it lets the others of its process have a turn. */
export const TURN_MS = 500;

/** Seconds after which a worker looks again for a job: one that another process handed back wakes nobody. */
const LOOK_AGAIN_S = 0.1;

/**
 * BullMQ's worker, which takes a job only while it has a place at the gate: a process that has no room leaves the jobs to the others,
 * instead of holding them while they wait inside.
 *
 *     away ──place, job──▶ inside ──next job, turn not over──▶ inside
 *      ▲                     └────no job, or the turn is over────┐
 *      └─────────────────────────────────────────────────────────┘
 */
export class GatedWorker<B extends IQueueBackend, C> extends Worker<StoredPayload, void, string, B, JobProgress, C> {
  readonly #gate: Gate | null;
  #leave: (() => void) | undefined;
  #turnEndsAt = 0;

  constructor(
    name: string,
    processor: Processor<StoredPayload, void, string>,
    options: WorkerOptions<C>,
    backend: BackendFactory<B, C>,
    gate: Gate | null,
  ) {
    super(name, processor, gate === null ? options : { ...options, drainDelay: LOOK_AGAIN_S }, backend);
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
      else {
        this.#leave = leave;
        this.#turnEndsAt = performance.now() + TURN_MS;
      }
    }
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: BullMQ's own signature.
  override async processJob(job: Stored, token: string, fetchNext: () => boolean = () => true): Promise<void | Stored> {
    if (this.#gate === null) return super.processJob(job, token, fetchNext);
    let next: unknown;
    try {
      next = await super.processJob(job, token, () => fetchNext() && performance.now() < this.#turnEndsAt);
      return next as Stored;
    } finally {
      if (next === undefined) this.#leave?.();
    }
  }
}
