import type { FoldEvent } from './fold-event.js';
import { type ConnectionId, MEANINGS, type StreamId, streamOf } from './meaning.js';
import type { Instant } from './order.js';
import type { TimerKind } from './session.js';

/** What held just before an instant. */
export interface Before {
  isHere(connection: ConnectionId): boolean;
  isOn(timer: TimerKind, connection: ConnectionId, stream: StreamId): boolean;
}

/** What the events of one instant come to: those that are to be taken, in order, and the connections whose `left` is a rejoin. */
export interface Settled {
  readonly events: readonly FoldEvent[];
  readonly rejoining: ReadonlySet<ConnectionId>;
}

const NO_ONE: ReadonlySet<ConnectionId> = new Set();

/** Applies the rules for what coincides (docs/metrics.md, "Equal times" and "Counts"). `before` is asked now, not later. */
export function settle(instant: Instant, before: Before): Settled {
  if (instant.events.length === 1) return { events: instant.events, rejoining: NO_ONE };
  const dropped = new Set([...cancelledStops(instant.events, before), ...shadowsOfEmojis(instant.events)]);
  return {
    events: dropped.size === 0 ? instant.events : instant.events.filter((event) => !dropped.has(event)),
    rejoining: rejoiningConnections(instant.events, before),
  };
}

/**
 * A stop beside a start of a source that was on before is the end of one stretch and the beginning of the next, told in whole
 * seconds: the source stays on. Several stops or starts of one source at one instant are tellings of one fact by different names
 * (equal events of a sender that counts in seconds have one identity), so that any start cancels all of them. Starts come before
 * stops in the events' order.
 */
function cancelledStops(events: readonly FoldEvent[], before: Before): FoldEvent[] {
  const started = new Set<string>();
  return events.filter((event) => {
    const meaning = MEANINGS[event.kind];
    if (meaning.act === 'start') started.add(sourceKey(meaning.timer, event));
    if (meaning.act !== 'stop' || !started.has(sourceKey(meaning.timer, event))) return false;
    return before.isOn(meaning.timer, event.connection, streamOf(event, meaning.timer));
  });
}

function sourceKey(timer: TimerKind, event: FoldEvent): string {
  return JSON.stringify([timer, event.connection, streamOf(event, timer)]);
}

/** Each emoji takes one shadow of the same connection with it; a shadow without an emoji is a hand of its own. */
function shadowsOfEmojis(events: readonly FoldEvent[]): FoldEvent[] {
  const emojis = new Map<ConnectionId, number>();
  for (const { kind, hand, connection } of events) {
    if (kind === 'hand_raised' && hand === 'emoji') emojis.set(connection, (emojis.get(connection) ?? 0) + 1);
  }
  return events.filter(({ kind, hand, connection }) => {
    const unmatched = emojis.get(connection) ?? 0;
    if (kind !== 'hand_raised' || hand !== 'shadow' || unmatched === 0) return false;
    emojis.set(connection, unmatched - 1);
    return true;
  });
}

/**
 * `left` and `joined` of a connection that was inside are a rejoin: its session goes on. Of a connection that was not inside they
 * are a visit of no length (joined, then left): taken for a rejoin, it would leave someone inside who is gone.
 */
function rejoiningConnections(events: readonly FoldEvent[], before: Before): ReadonlySet<ConnectionId> {
  const joined = new Set<ConnectionId>();
  for (const { kind, connection } of events) {
    if (kind === 'joined' && before.isHere(connection)) joined.add(connection);
  }
  return joined;
}
