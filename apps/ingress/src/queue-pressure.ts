import type { SpoolBacklog } from '@bbb-activity/spool/spool';

/** What keeps events from the queue. */
export interface QueuePressure {
  /** Events of requests that are not answered, since the queue has not taken them yet. */
  readonly waitingEvents: number;
  /** Whether the queue's memory is nearly full, so that everything is refused. */
  readonly highWater: boolean;
  /** Null where there is no spool. */
  readonly spool: SpoolPressure | null;
}

export interface SpoolPressure {
  /** On the disk, what is handed over already in a file with others included. */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly waiting: SpoolBacklog;
  /** Whether it takes the queue's place now. */
  readonly inUse: boolean;
  /** Whether it refused the last that came. */
  readonly full: boolean;
}

/** Of a queue that could not be opened yet. */
export const NO_PRESSURE: QueuePressure = { waitingEvents: 0, highWater: false, spool: null };
