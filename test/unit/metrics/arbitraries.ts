import { FOLD_KINDS, type FoldEvent, type MeetingEnd } from '@bbb-activity/metrics/fold-event';
import fc from 'fast-check';
import { event } from './events.js';

/**
 * A time (ms) within half a minute: mostly whole seconds, so that events coincide and the 5 s after a `left` are met to the
 * millisecond, else any.
 */
export const aTime = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 30 }).map((seconds) => seconds * 1_000) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
);

export const anEnd: fc.Arbitrary<MeetingEnd | null> = fc.option(
  fc.record({ at: aTime, by: fc.constantFrom('meeting_ended', 'not_running', 'silence') }),
);

const aConnection = fc.constantFrom(null, 'w_a', 'w_b', 'w_c');

/** Any event at all, whether it makes sense or not; equal content has one identity. */
export const anEvent: fc.Arbitrary<FoldEvent> = fc
  .record({
    // Presence is told more often than the rest, so that there are many sessions.
    kind: fc.oneof(fc.constantFrom(...FOLD_KINDS), fc.constantFrom('joined' as const, 'left' as const)),
    at: aTime,
    connection: aConnection,
    stream: fc.constantFrom(null, 's1', 's2'),
    emoji: fc.constantFrom('👍', '❤️', '__proto__', '7', 'none'),
    hand: fc.constantFrom('raise' as const, 'emoji' as const, 'shadow' as const),
    telling: fc.constantFrom('', ' by another name'),
  })
  .map(({ kind, at, connection, stream, emoji, hand, telling }) => {
    const plain = event(kind, at, {
      connection: kind === 'meeting_ended' ? null : connection,
      stream: kind.startsWith('camera') ? stream : null,
      emoji: kind === 'reaction' ? emoji : null,
      hand: kind === 'hand_raised' ? hand : null,
    });
    return { ...plain, identity: plain.identity + telling };
  });

export const someEvents = fc.array(anEvent, { maxLength: 60 });

/** The same events in another order, some of them several times. */
export function delivered(events: readonly FoldEvent[]): fc.Arbitrary<FoldEvent[]> {
  const again = events.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...events), { maxLength: 20 });
  return again.chain((more) => {
    const all = [...events, ...more.map((copy) => ({ ...copy }))];
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  });
}
