import { TIMER_KINDS, type TimerKind } from '@bbb-activity/metrics/session';
import type { SourceScript, VisitScript } from './scripts.js';

/** What a session ought to be, computed from how it truly was instead of from its events. */
export interface ExpectedSession {
  readonly inAt: number;
  readonly outAt: number | null;
  /** Timers up to the session's end, or up to now. */
  readonly ms: Record<TimerKind, number>;
  readonly talkSeen: boolean;
  readonly messages: number;
  readonly hands: number;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Unions of intervals, touching ones made one, in order. */
function union(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && next.from <= last.to)
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, next.to) };
    else merged.push(next);
  }
  return merged;
}

const length = (intervals: readonly Interval[]) => union(intervals).reduce((sum, { from, to }) => sum + to - from, 0);

/** When a visit begins to be seen: at its `joined`, else at the first thing that shows it. */
function seenFrom(visit: VisitScript): number {
  if (visit.joinTold) return visit.from;
  return Math.min(...visit.messages, ...visit.hands.map(([at]) => at), ...visit.sources.map(({ from }) => from));
}

/** The sessions of a script by interval arithmetic: unions of presence, and in them unions of sources. */
export function expectedSessions(script: readonly VisitScript[], end: number | null, now: number): ExpectedSession[] {
  const horizon = end ?? now;
  const visits = script
    .map((visit) => ({ visit, from: seenFrom(visit), to: Math.min(visit.to ?? horizon, horizon) }))
    .filter(({ from }) => from <= horizon);
  const late = visits.flatMap(({ visit, to }) =>
    visit.lateMessages.filter((at) => at <= horizon).map((at) => ({ at, left: to })),
  );
  const stays = union(visits);
  return stays.map((stay) => {
    const inside = visits.filter(({ from, to }) => from >= stay.from && to <= stay.to);
    const sources = inside.flatMap(({ visit, to }) => visit.sources.map((source) => ({ source, within: to })));
    const interval = ({ source, within }: { source: SourceScript; within: number }): Interval => ({
      from: source.from,
      to: Math.min(source.to ?? within, within),
    });
    const ms = (kind: TimerKind) =>
      length(sources.filter(({ source }) => source.timer === kind && source.from <= horizon).map(interval));
    const covers = (candidate: Interval, at: number) => candidate.from <= at && at <= candidate.to;
    const lateHere = late.filter(({ at, left }) => {
      const open = stays.find((candidate) => covers(candidate, at));
      return open === undefined ? covers(stay, left) : open === stay;
    });
    const isOpen = end === null && inside.some(({ visit }) => visit.to === null);
    const counted = (times: readonly number[]) => times.filter((at) => at <= horizon).length;
    return {
      inAt: stay.from,
      outAt: isOpen ? null : stay.to,
      ms: Object.fromEntries(TIMER_KINDS.map((kind) => [kind, ms(kind)])) as Record<TimerKind, number>,
      talkSeen: sources.some(({ source }) => source.timer === 'talk' && source.from <= horizon),
      messages: inside.reduce((sum, { visit }) => sum + counted(visit.messages), lateHere.length),
      hands: inside.reduce((sum, { visit }) => sum + counted(visit.hands.map(([at]) => at)), 0),
    };
  });
}
