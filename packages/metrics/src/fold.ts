import type { FoldEvent, MeetingEnd } from './fold-event.js';
import { canAdvance, emptyState, type FoldState } from './fold-state.js';
import type { FoldTrace } from './fold-trace.js';
import { instantsOf } from './order.js';
import { Participant } from './participant.js';
import type { Session } from './session.js';

/** A session and its place among the participant's sessions, counted from 0 in order of time. */
export interface NumberedSession {
  readonly ordinal: number;
  readonly session: Session;
}

export interface Advanced {
  readonly state: FoldState;
  /** The sessions that were opened or changed, whole, in order; the others stand as they were. */
  readonly sessions: readonly NumberedSession[];
}

/** Events or an end that the state cannot take: the caller ought to have folded the whole history again. */
export class FoldOrderError extends Error {
  readonly code = 'fold_order';

  constructor() {
    super('the events or the end do not follow the state: fold the whole history again');
    this.name = 'FoldOrderError';
  }
}

/**
 * The sessions of one participant in one occurrence, in order of time (docs/metrics.md): the same for any order and any
 * duplication of the same events. All times are unix ms, all durations ms.
 */
export function fold(events: readonly FoldEvent[], end: MeetingEnd | null): Session[] {
  return advance(emptyState(), events, end).sessions.map(({ session }) => session);
}

/**
 * Goes on from `state` with later events, and with the meeting's end where it is known: equal to folding all events from the
 * first one on. The state given is left as it is.
 *
 * @param trace told meanwhile what the numbers are made of
 * @throws FoldOrderError where {@link canAdvance} is false.
 */
export function advance(state: FoldState, newEvents: readonly FoldEvent[], end: MeetingEnd | null, trace?: FoldTrace): Advanced {
  if (!canAdvance(state, newEvents, end)) throw new FoldOrderError();
  if (state.end !== undefined) return { state, sessions: [] };
  const participant = new Participant(state, trace);
  // What happens at the very time of the end still counts: `meeting ended` is the last at its time.
  for (const instant of instantsOf(newEvents, end?.at ?? Number.POSITIVE_INFINITY)) participant.take(instant);
  if (end !== null) participant.close(end.at, end.by);
  const sessions = participant.changed().map((draft) => ({ ordinal: draft.ordinal, session: draft.toSession() }));
  const frozen = participant.freeze();
  if (end === null) return { state: frozen, sessions };
  return { state: { version: frozen.version, lastAt: end.at, next: frozen.next, end: { at: end.at, by: end.by } }, sessions };
}
