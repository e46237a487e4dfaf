import type { ExpectedSession } from './expected-sessions.js';

/** What Chamilo's dashboard must be able to read of a session (docs/metrics.md, "The metrics document"). */
export function expectedDocument(session: ExpectedSession): object {
  const { elapsed, running, talkHeard } = session;
  const seconds = (ms: number) => Math.floor(ms / 1_000);
  const talk = talkHeard ? 'talk' : 'microphone';
  return {
    totals: { talk_seconds: seconds(elapsed[talk]), camera_seconds: seconds(elapsed.camera) },
    counts: {
      messages: session.messages,
      reactions: Object.values(session.reactions).reduce((sum, count) => sum + count, 0),
      hands: session.hands,
      reactions_breakdown: session.reactions,
    },
    temp: { talk_started_at: seconds(running[talk] ?? 0), camera_started_at: seconds(running.camera ?? 0) },
  };
}
