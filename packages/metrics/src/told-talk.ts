import type { Session } from './session.js';

/** What the told talk time is made of: talking starts and stops, or the open microphone. */
export type TalkSource = 'talking' | 'microphone';

/** The same over several sessions. */
export type TalkSourceOfMany = TalkSource | 'mixed';

/** Which of the two is told of a session (docs/metrics.md, "Timers"). */
export function talkSourceOf(session: Session): TalkSource {
  return session.talkSeen ? 'talking' : 'microphone';
}

/** The timer that holds the told talk time of a session. */
export function talkTimerOf(session: Session): 'talk' | 'microphone' {
  return session.talkSeen ? 'talk' : 'microphone';
}

/**
 * The label of a sum of told talk time. A session in which nobody was heard to talk and no microphone was open adds nothing, from
 * neither source, and has no say: someone who talked in one session and only listened in another is told by `talking`.
 * Where no session has a say it is `microphone`, as for each of them alone.
 */
export function talkSourceOfMany(sessions: readonly Session[]): TalkSourceOfMany {
  const sources = new Set(sessions.filter(hasSay).map(talkSourceOf));
  if (sources.size > 1) return 'mixed';
  return sources.has('talking') ? 'talking' : 'microphone';
}

function hasSay(session: Session): boolean {
  return session.talkSeen || session.elapsed.microphone > 0 || session.running.microphone !== null;
}
