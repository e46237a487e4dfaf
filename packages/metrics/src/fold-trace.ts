import type { FoldEvent } from './fold-event.js';
import type { TimerKind } from './session.js';

/** Told by the fold, while it folds, what the numbers of a session are made of. */
export interface FoldTrace {
  /** A timer of the session ran from `since` to `until` (unix ms), and rests now: its finished time grew by the difference. */
  ran(ordinal: number, timer: TimerKind, since: number, until: number): void;
  /** The event counts in the session. */
  counted(ordinal: number, event: FoldEvent): void;
}
