import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { BatchOutcome as CallOutcome } from '@bbb-activity/queue/batch-context';
import type { BatchOutcome } from '@bbb-activity/store/apply-batch';

/** Who counts what a worker does: once a batch, and by whole numbers alone for each event. */
export interface BatchMeter {
  /** A committed batch, just now. */
  applied(events: readonly ConferenceEvent[], outcome: BatchOutcome): void;
  /** Transactions of a batch, whether it was applied in the end or not. */
  transacted(transactions: number): void;
  /** How one call for a batch ended. */
  called(outcome: CallOutcome): void;
}
