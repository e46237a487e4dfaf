/** What ended a session. `not_running` and `silence` are presumed ends (docs/metrics.md, "Presumed end"). */
export type ClosedBy = 'left' | 'meeting_ended' | 'not_running' | 'silence';

/** The four timers of a session. */
export const TIMER_KINDS = ['talk', 'microphone', 'camera', 'screenshare'] as const;
export type TimerKind = (typeof TIMER_KINDS)[number];

/** One stay of a participant in a meeting: one `conference_activity` row. All times are unix ms, all durations ms. */
export interface Session {
  readonly inAt: number;
  /** Null while the session is open. */
  readonly outAt: number | null;
  readonly closedBy: ClosedBy | null;
  /** Finished time a timer has run; what runs now is in `running`. */
  readonly elapsed: Readonly<Record<TimerKind, number>>;
  /** Start of a timer that runs now; null where it does not. */
  readonly running: Readonly<Record<TimerKind, number | null>>;
  /** Whether a talking start took effect: then talk time is told, else open-microphone time. */
  readonly talkSeen: boolean;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly pollAnswers: number;
}
