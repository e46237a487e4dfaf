import type { Session } from './session.js';
import { talkTimerOf } from './told-talk.js';

/** What Chamilo documents for `conference_activity.metrics`, these keys and no others (docs/metrics.md, "The metrics document"). */
export interface MetricsDocument {
  readonly totals: {
    readonly talk_seconds: number;
    readonly camera_seconds: number;
  };
  readonly counts: {
    readonly messages: number;
    readonly reactions: number;
    readonly hands: number;
    readonly reactions_breakdown: Readonly<Record<string, number>>;
  };
  /** Unix seconds of the start of a running timer; 0 where none runs. */
  readonly temp: {
    readonly talk_started_at: number;
    readonly camera_started_at: number;
  };
}

/**
 * The metrics document of one session. Totals are finished time in whole seconds, rounded down; what still runs stands in `temp`.
 * Talk is talking where a talking start took effect, else the open microphone, in `totals` and `temp` alike.
 */
export function metricsDocument(session: Session): MetricsDocument {
  const talk = talkTimerOf(session);
  return {
    totals: { talk_seconds: wholeSeconds(session.elapsed[talk]), camera_seconds: wholeSeconds(session.elapsed.camera) },
    counts: {
      messages: session.messages,
      reactions: session.reactions,
      hands: session.hands,
      reactions_breakdown: { ...session.reactionsBreakdown },
    },
    temp: {
      talk_started_at: wholeSeconds(session.running[talk] ?? 0),
      camera_started_at: wholeSeconds(session.running.camera ?? 0),
    },
  };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
