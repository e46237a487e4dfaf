import { type BodyOptions, type PlannedRequest, requestOf } from './planned-request.js';
import type { SeededRandom } from './seeded-random.js';
import type { WordedEvent } from './word-event.js';

/** How a meeting's events come: what the senders and the network do to them. */
export interface DeliveryPlan {
  /** In the order in which they are to be sent. */
  readonly requests: readonly PlannedRequest[];
  /** Events that are sent after one of a later time. */
  readonly inversions: number;
}

/** Events a request at most. */
const MOST_TOGETHER = 24;

/**
 * Every event at least once: shuffled within a window of none to all events, some again (at once, or any time later), and divided into
 * requests in any form that keeps the words of their events.
 */
export function planDelivery(events: readonly WordedEvent[], random: SeededRandom, options: BodyOptions): DeliveryPlan {
  const window = random.pick([0, 0, 3, 12, events.length]);
  const repeated = random.pick([0, 0.1, 0.3, 1]);
  const placed = [...events]
    .sort((a, b) => a.at - b.at)
    .flatMap((event, index) => {
      const copies = [{ event, place: index + random.next() * window }];
      while (copies.length < 4 && random.chance(copies.length === 1 ? repeated : 0.2)) {
        const far = random.chance(0.5) ? events.length : 1;
        copies.push({ event, place: index + random.next() * (window + far) });
      }
      return copies;
    });
  const order = placed.sort((a, b) => a.place - b.place).map(({ event }) => event);
  return {
    requests: divide(order, random).map((group) => requestOf(group, random, options)),
    inversions: order.filter((event, index) => event.at < (order[index - 1]?.at ?? 0)).length,
  };
}

/** Neighbours go together; the platform's own form holds one event alone. */
function divide(order: readonly WordedEvent[], random: SeededRandom): WordedEvent[][] {
  const most = random.pick([1, 6, 12, MOST_TOGETHER, MOST_TOGETHER]);
  const groups: WordedEvent[][] = [];
  let room = 0;
  for (const event of order) {
    const group = groups.at(-1);
    const alone = event.form === 'platform' || group?.[0]?.form === 'platform';
    if (group === undefined || room === 0 || alone) {
      groups.push([event]);
      room = random.integer(1, most) - 1;
    } else {
      group.push(event);
      room -= 1;
    }
  }
  return groups;
}
