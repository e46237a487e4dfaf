import type { JobOrigin } from './job-origin.js';

export interface BatchContext {
  readonly partition: number;
  /** Tries of exactly these items by this process, from 1. */
  readonly attempt: number;
  /** Another one whenever another process may have had the partition since the call before. */
  readonly tenure: string;
  /** To be waited for before each further transaction inside the call: it resolves when the budget allows one more. */
  readonly again: () => Promise<void>;
  /** Requests that the items come from, as their jobs tell; the first of them where there are many. */
  readonly from: readonly JobOrigin[];
  /** Aborts when the partition may belong to another worker by now, or when closing takes too long. */
  readonly signal: AbortSignal;
}

/** One call of the handler and what came of it. */
export interface BatchOutcome {
  readonly partition: number;
  readonly items: number;
  readonly attempt: number;
  readonly durationMs: number;
  readonly result: 'applied' | 'retry' | 'split' | 'dead-letter';
  /** Words of the error, where there was one. */
  readonly error?: string;
}
