import type { FoldEvent } from './fold-event.js';
import { MEANINGS, type Meaning } from './meaning.js';

/** Events at one time are taken by meaning (docs/metrics.md, "Equal times"). */
const RANKS: Readonly<Record<Meaning['act'], number>> = {
  joined: 0,
  start: 1,
  count: 2,
  stop: 3,
  left: 4,
  meeting_ended: 5,
};

/** The total order of events: by time, then by meaning, then by identity (by code units: the same on every machine and locale). */
export function compareEvents(a: FoldEvent, b: FoldEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  const rank = RANKS[MEANINGS[a.kind].act] - RANKS[MEANINGS[b.kind].act];
  if (rank !== 0) return rank;
  if (a.identity === b.identity) return 0;
  return a.identity < b.identity ? -1 : 1;
}

/** The events of one time, in order, each once; never empty. */
export interface Instant {
  /** Unix ms. */
  readonly at: number;
  readonly events: readonly FoldEvent[];
}

/**
 * The unique events up to and including `until` (unix ms), in order, by the instant. Events of one identity have one content, so
 * that they stand side by side once sorted.
 */
export function* instantsOf(events: readonly FoldEvent[], until: number): Generator<Instant, void, void> {
  const sorted = [...events].sort(compareEvents);
  let instant: FoldEvent[] = [];
  let last: FoldEvent | undefined;
  for (const event of sorted) {
    if (event.at > until) break;
    if (event.identity === last?.identity) continue;
    if (last !== undefined && last.at !== event.at) {
      yield { at: last.at, events: instant };
      instant = [];
    }
    instant.push(event);
    last = event;
  }
  if (last !== undefined) yield { at: last.at, events: instant };
}
