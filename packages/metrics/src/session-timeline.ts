import { advance } from './fold.js';
import type { FoldEvent, MeetingEnd } from './fold-event.js';
import { emptyState } from './fold-state.js';
import { type Session, TIMER_KINDS, type TimerKind } from './session.js';

/** From when until when (unix ms); null while it goes on. Never empty. */
export type Interval = readonly [start: number, end: number | null];

/** A session with the times that its numbers are made of. */
export interface SessionTimeline {
  readonly session: Session;
  /** In order, apart from each other: of each timer, the finished ones add up to `elapsed`, and one that goes on began at `running`. */
  readonly intervals: Readonly<Record<TimerKind, readonly Interval[]>>;
  /** The events that the counts are made of, in the order in which they were counted. */
  readonly counted: readonly FoldEvent[];
}

/**
 * The sessions of one participant in one occurrence, as {@link fold} gives them, each with the times that its numbers are made of: they
 * come from the fold itself, so that a chart and a table cannot tell different things (docs/metrics.md, "Timers").
 */
export function sessionTimelines(events: readonly FoldEvent[], end: MeetingEnd | null): SessionTimeline[] {
  const ran = new Map<string, Interval[]>();
  const counted = new Map<number, FoldEvent[]>();
  const trace = {
    ran(ordinal: number, timer: TimerKind, since: number, until: number) {
      if (until > since) listOf(ran, `${ordinal} ${timer}`).push([since, until]);
    },
    counted: (ordinal: number, event: FoldEvent) => void listOf(counted, ordinal).push(event),
  };
  return advance(emptyState(), events, end, trace).sessions.map(({ ordinal, session }) => {
    const intervals: Partial<Record<TimerKind, readonly Interval[]>> = {};
    for (const kind of TIMER_KINDS) {
      const since = session.running[kind];
      intervals[kind] = [...(ran.get(`${ordinal} ${kind}`) ?? []), ...(since === null ? [] : [[since, null] as const])];
    }
    return {
      session,
      intervals: { talk: [], microphone: [], camera: [], screenshare: [], ...intervals },
      counted: counted.get(ordinal) ?? [],
    };
  });
}

function listOf<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: Item[] = [];
  lists.set(key, list);
  return list;
}
