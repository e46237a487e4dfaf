import type { Session, TimerKind } from './session.js';
import { type TalkSourceOfMany, talkSourceOfMany, talkTimerOf } from './told-talk.js';

/** One participant's numbers over all their sessions in an occurrence. Seconds are whole. */
export interface ParticipantTotals {
  readonly sessions: number;
  readonly onlineSeconds: number;
  /** Per session talking where it was heard, else the open microphone; `talkSource` says which. */
  readonly talkSeconds: number;
  readonly talkSource: TalkSourceOfMany;
  readonly microphoneSeconds: number;
  readonly cameraSeconds: number;
  readonly screenshareSeconds: number;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly pollAnswers: number;
  /** Whether a session is open. */
  readonly online: boolean;
}

/**
 * Sums one participant's sessions at `now` (unix ms): an open session counts up to now, as do its running timers, and never below
 * 0. Milliseconds are summed over the sessions and rounded down once (docs/metrics.md, "Timers"). Without a session all is 0.
 */
export function participantTotals(sessions: readonly Session[], now: number): ParticipantTotals {
  const seconds = (ms: (session: Session) => number) => Math.floor(sum(sessions, ms) / 1_000);
  return {
    sessions: sessions.length,
    onlineSeconds: seconds((session) => Math.max(0, (session.outAt ?? now) - session.inAt)),
    talkSeconds: seconds((session) => timerMs(session, talkTimerOf(session), now)),
    talkSource: talkSourceOfMany(sessions),
    microphoneSeconds: seconds((session) => timerMs(session, 'microphone', now)),
    cameraSeconds: seconds((session) => timerMs(session, 'camera', now)),
    screenshareSeconds: seconds((session) => timerMs(session, 'screenshare', now)),
    messages: sum(sessions, (session) => session.messages),
    reactions: sum(sessions, (session) => session.reactions),
    reactionsBreakdown: mergeBreakdowns(sessions),
    hands: sum(sessions, (session) => session.hands),
    pollAnswers: sum(sessions, (session) => session.pollAnswers),
    online: sessions.some((session) => session.outAt === null),
  };
}

function timerMs(session: Session, timer: TimerKind, now: number): number {
  const since = session.running[timer];
  return session.elapsed[timer] + (since === null ? 0 : Math.max(0, now - since));
}

function sum(sessions: readonly Session[], of: (session: Session) => number): number {
  return sessions.reduce((total, session) => total + of(session), 0);
}

function mergeBreakdowns(sessions: readonly Session[]): Record<string, number> {
  const merged = new Map<string, number>();
  for (const session of sessions) {
    for (const [emoji, count] of Object.entries(session.reactionsBreakdown)) merged.set(emoji, (merged.get(emoji) ?? 0) + count);
  }
  return Object.fromEntries(merged);
}
