import type { StayScript } from './meeting-script.js';
import {
  type ConnectionScript,
  type OccurrenceScript,
  SCRIPT_TIMERS,
  type ScriptTimer,
  type SourceScript,
} from './meeting-script.js';
import { covers, type Stretch, union } from './stretches.js';
import { madeUpLeftAt } from './tell-script.js';

/** Of a meeting whose end was never heard of (docs/metrics.md, "Presumed end"). */
export interface PresumedEnd {
  /** Unix ms: when the occurrence was last seen going on. */
  readonly at: number;
  readonly by: 'not_running' | 'silence';
}

/** What the row of one session must hold. All times are unix ms, all durations ms. */
export interface ExpectedSession {
  readonly inAt: number;
  /** Null while it is open. */
  readonly outAt: number | null;
  readonly closedBy: 'left' | 'meeting_ended' | 'not_running' | 'silence' | null;
  /** Finished time. */
  readonly elapsed: Readonly<Record<ScriptTimer, number>>;
  /** Start of what runs in an open session; null where nothing does. */
  readonly running: Readonly<Record<ScriptTimer, number | null>>;
  readonly talkHeard: boolean;
  readonly messages: number;
  readonly reactions: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly pollAnswers: number;
}

/** A stay as far as it was seen. */
interface Visit extends Stretch {
  readonly stay: StayScript;
  /** What ended it, where that was the meeting's end. */
  readonly cutBy: 'meeting_ended' | 'not_running' | 'silence' | null;
  readonly sources: readonly (Stretch & { readonly timer: ScriptTimer })[];
}

/**
 * The sessions of one person, by interval arithmetic over the script: unions of stays, and in them unions of sources, each cut
 * where it was cut (docs/metrics.md, "Sessions" and "Timers"). Events and their order play no part.
 */
export function expectedSessions(
  script: OccurrenceScript,
  connections: readonly ConnectionScript[],
  presumed: PresumedEnd | null,
): ExpectedSession[] {
  // The first end of an occurrence with an internal id is the end of everything.
  const horizon = script.internalId === null ? Number.POSITIVE_INFINITY : (script.endedAt[0] ?? Number.POSITIVE_INFINITY);
  const visits = visitsOf(script, connections, presumed).filter(({ from }) => from <= horizon);
  const presences = union(visits);
  const late = visits.flatMap(({ stay }) => stay.lateMessages.map((at) => ({ at, leftAt: stay.to ?? at })));
  return presences.map((presence) => {
    const inside = visits.filter((visit) => covers(presence, visit.from));
    const isOpen = presence.to === Number.POSITIVE_INFINITY;
    const count = (times: (stay: StayScript) => readonly number[]) =>
      inside.flatMap(({ stay }) => times(stay)).filter((at) => at <= horizon).length;
    // What is written late counts where someone is inside then, else where it was left from.
    const lateHere = late.filter(({ at, leftAt }) => {
      const open = presences.find((one) => covers(one, at));
      return at <= horizon && (open === undefined ? covers(presence, leftAt) : open === presence);
    });
    const sources = inside.flatMap((visit) => visit.sources).filter(({ from }) => from <= horizon);
    const timed = byTimer((timer) => union(sources.filter((source) => source.timer === timer)));
    return {
      inAt: presence.from,
      outAt: isOpen ? null : presence.to,
      closedBy: isOpen ? null : (inside.find(({ cutBy }) => cutBy !== null)?.cutBy ?? 'left'),
      elapsed: byTimer((timer) => timed[timer].reduce((sum, { from, to }) => sum + (Number.isFinite(to) ? to - from : 0), 0)),
      running: byTimer((timer) => timed[timer].find(({ to }) => to === Number.POSITIVE_INFINITY)?.from ?? null),
      talkHeard: timed.talk.length > 0,
      messages: count(({ messages }) => messages) + lateHere.length,
      reactions: breakdown(inside.flatMap(({ stay }) => stay.reactions.filter(({ at }) => at <= horizon))),
      hands: count(({ hands }) => hands.map(({ at }) => at)),
      pollAnswers: count(({ pollAnswers }) => pollAnswers),
    };
  });
}

function visitsOf(script: OccurrenceScript, connections: readonly ConnectionScript[], presumed: PresumedEnd | null): Visit[] {
  const leavings = connections.flatMap(({ internalId, stays }) =>
    stays.flatMap((stay) => [stay.to, madeUpLeftAt(script, stay)].flatMap((at) => (at === null ? [] : [{ internalId, at }]))),
  );
  return connections.flatMap(({ internalId, stays }) => {
    const sources = stays.flatMap((stay) => stay.sources);
    return stays.map((stay) => {
      // A `left` without an internal id removes all connections of its person.
      const own = leavings.filter((left) => left.internalId === null || left.internalId === internalId);
      const left = firstAfter(
        stay.from,
        own.map(({ at }) => at),
      );
      const ended = script.endedAt.find((at) => at >= stay.from);
      const end = ended ?? presumed?.at ?? Number.POSITIVE_INFINITY;
      const to = Math.min(left, end);
      return {
        stay,
        from: seenFrom(stay),
        to,
        cutBy: end >= left ? null : ended === undefined ? (presumed?.by ?? null) : 'meeting_ended',
        sources: stay.sources.map((source) => ({
          timer: source.timer,
          from: source.from,
          to: Math.min(to, firstAfter(source.from, stopsOf(source, sources))),
        })),
      };
    });
  });
}

/** When a stay begins to be seen: at its `joined`, else at the first thing that shows it. */
function seenFrom({ joinTold, from, sources, messages, reactions, hands }: StayScript): number {
  if (joinTold) return from;
  return Math.min(...[...sources.map((it) => it.from), ...messages, ...[...reactions, ...hands].map(({ at }) => at)]);
}

/** Every told stop of the same source: one that was never stopped goes on until it is stopped the next time. */
function stopsOf({ timer, stream }: SourceScript, sources: readonly SourceScript[]): number[] {
  return sources
    .filter((other) => other.timer === timer && other.stream === stream)
    .flatMap(({ to, lateStop }) => [to, lateStop].filter((at) => at !== null));
}

function firstAfter(from: number, times: readonly number[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...times.filter((at) => at > from));
}

function byTimer<T>(make: (timer: ScriptTimer) => T): Record<ScriptTimer, T> {
  return Object.fromEntries(SCRIPT_TIMERS.map((timer) => [timer, make(timer)])) as Record<ScriptTimer, T>;
}

function breakdown(reactions: readonly { readonly emoji: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { emoji } of reactions) counts[emoji] = (counts[emoji] ?? 0) + 1;
  return counts;
}
