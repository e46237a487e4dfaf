import type { Metrics } from './metrics.js';
import type { Tracing } from './tracing.js';

/** By what a process tells of itself besides its log; each null where nobody asks for it. */
export interface Instruments {
  readonly metrics: Metrics | null;
  readonly tracing: Tracing | null;
}

export const NO_INSTRUMENTS: Instruments = { metrics: null, tracing: null };
