import type { FoldEvent, MeetingEnd } from './fold-event.js';
import type { ConnectionId } from './meaning.js';
import type { ClosedBy, TimerKind } from './session.js';
import type { Source } from './timer.js';

/** Raised with any change of {@link FoldState} or of the rules: a state of another version is folded again from the journal. */
export const FOLD_STATE_VERSION = 1;

/** Finished ms, and for a timer that runs its start (unix ms) and its sources. */
export type KeptTimer = readonly [elapsed: number] | readonly [elapsed: number, since: number, ...sources: Source[]];

/** A session that may still change; what is zero or null is left out. */
export interface KeptSession {
  /** Ordinal. */
  readonly n: number;
  readonly in: number;
  readonly out?: number;
  readonly by?: ClosedBy;
  readonly timers?: Readonly<Partial<Record<TimerKind, KeptTimer>>>;
  readonly talked?: boolean;
  readonly messages?: number;
  readonly hands?: number;
  readonly polls?: number;
  readonly reactions?: Readonly<Record<string, number>>;
}

/** A connection's own `left`, and the session that it left (-1 where the person had none). */
export type KeptLeaving = readonly [connection: ConnectionId, at: number, ordinal: number];

/**
 * All that the fold of one participant must know to go on: plain JSON, without history. Only `lastAt` is for others to read.
 * Kept are the last session, and earlier ones that were left by a connection in the last 5 s, since late counts may go there;
 * nothing once the meeting has ended.
 */
export interface FoldState {
  readonly version: typeof FOLD_STATE_VERSION;
  /** Unix ms up to which, inclusive, everything is folded; null before the first event. */
  readonly lastAt: number | null;
  /** How many sessions there are: the ordinal of the next. */
  readonly next: number;
  /** The meeting's end, once it is applied. */
  readonly end?: MeetingEnd;
  /** Connections inside the open session. */
  readonly here?: readonly ConnectionId[];
  readonly left?: readonly KeptLeaving[];
  readonly sessions?: readonly KeptSession[];
}

/** The state of a participant of whom nothing is known. */
export function emptyState(): FoldState {
  return { version: FOLD_STATE_VERSION, lastAt: null, next: 0 };
}

/**
 * A state as it was stored, or null where it is of another version: then the participant is folded again from the journal.
 * Nothing but the version is checked, since only the fold writes states.
 */
export function readState(stored: unknown): FoldState | null {
  return isState(stored) ? stored : null;
}

function isState(stored: unknown): stored is FoldState {
  return typeof stored === 'object' && stored !== null && 'version' in stored && stored.version === FOLD_STATE_VERSION;
}

/**
 * Whether `advance(state, events, end)` equals folding everything. It does where every event is strictly later than what is
 * folded (the events of one instant are taken together), and where `end` is the one that was applied, or the first and
 * not before what is folded. Where false, the caller folds the participant's whole history again.
 */
export function canAdvance(state: FoldState, events: readonly FoldEvent[], end: MeetingEnd | null): boolean {
  const lastAt = state.lastAt ?? Number.NEGATIVE_INFINITY;
  return fits(state.end ?? null, lastAt, end) && events.every((event) => event.at > lastAt);
}

function fits(applied: MeetingEnd | null, lastAt: number, end: MeetingEnd | null): boolean {
  if (applied !== null) return end !== null && end.at === applied.at && end.by === applied.by;
  return end === null || end.at >= lastAt;
}
