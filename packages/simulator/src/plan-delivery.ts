import { type BodyOptions, type PlannedRequest, requestOf } from './planned-request.js';
import type { SeededRandom } from './seeded-random.js';
import type { WordedEvent } from './word-event.js';

/** How a meeting's events come: what the senders and the network do to them. */
export interface DeliveryPlan {
  /** In the order in which they are to be sent. */
  readonly requests: readonly PlannedRequest[];
  /** To be sent after those, in their order, when somebody has looked for meetings that ended unheard: what was held back, and old ones again. */
  readonly late: readonly PlannedRequest[];
  /** Events that are sent after one of a later time. */
  readonly inversions: number;
}

/** Events a request at most. */
const MOST_TOGETHER = 24;

/**
 * Every event at least once: shuffled within a window of none to all events, some again (at once, or any time later), and divided into
 * requests in any form that keeps the words of their events. An announcement comes at any time: its own is that of its signature.
 */
export function planDelivery(events: readonly WordedEvent[], random: SeededRandom, options: BodyOptions): DeliveryPlan {
  const early = events.filter(({ late }) => !late);
  const window = random.pick([0, 0, 3, 12, early.length]);
  const repeated = random.pick([0, 0.1, 0.3, 1]);
  const order = shuffled(early, random, window, repeated);
  const again = random.chance(0.5) ? early.filter(() => random.chance(0.1)) : [];
  const held = [...events.filter(({ late }) => late), ...again];
  const late = shuffled(held, random, random.pick([0, held.length]), repeated);
  const requests = (planned: readonly WordedEvent[]) => divide(planned, random).map((group) => requestOf(group, random, options));
  return { requests: requests(order), late: requests(late), inversions: inversionsOf([...order, ...late]) };
}

function shuffled(events: readonly WordedEvent[], random: SeededRandom, window: number, repeated: number): WordedEvent[] {
  const isAnnounced = ({ signedSeconds }: WordedEvent) => signedSeconds !== null;
  return [...events]
    .sort((a, b) => a.at - b.at)
    .flatMap((event, index) => {
      const place = isAnnounced(event) ? random.next() * events.length : index;
      const copies = [{ event, place: place + random.next() * window }];
      while (copies.length < 4 && random.chance(copies.length === 1 ? repeated : 0.2)) {
        const far = random.chance(0.5) ? events.length : 1;
        copies.push({ event, place: place + random.next() * (window + far) });
      }
      return copies;
    })
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

function inversionsOf(order: readonly WordedEvent[]): number {
  const timed = order.filter(({ signedSeconds }) => signedSeconds === null);
  return timed.filter((event, index) => event.at < (timed[index - 1]?.at ?? 0)).length;
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
