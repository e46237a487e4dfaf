import type { HeldBack } from './meeting-script.js';
import type { SeededRandom } from './seeded-random.js';
import { showsLife, type ToldEvent, type ToldOccurrence } from './told-event.js';

const MOST_HELD_BACK = 6;

/**
 * Marks what is told late. Of `some`, all are of one occurrence with an internal id, and whoever joined has been told by then: so it is known
 * without a fold which occurrences had a session before.
 */
export function holdBack(what: HeldBack, told: readonly ToldOccurrence[], random: SeededRandom): ToldOccurrence[] {
  const holdable = told.filter(({ script }) => script.internalId !== null);
  const late = new Set<ToldEvent>();
  if (what === 'announcements' || what === 'noted') {
    const announcements = told.flatMap(({ events }) => events.filter(({ meaning }) => meaning === 'announced'));
    for (const event of announcements) if (what === 'announcements' || random.chance(0.3)) late.add(event);
  }
  if (what === 'noted') {
    const noted = holdable.flatMap(({ events }) => events.filter((event) => !showsLife(event) && event.meaning !== 'announced'));
    for (const event of noted) if (random.chance(0.5)) late.add(event);
  }
  if (what === 'some') {
    const joinedInTime = holdable.filter(({ script: { endedAt }, events }) =>
      events.some(({ meaning, at }) => meaning === 'joined' && at <= (endedAt[0] ?? Number.POSITIVE_INFINITY)),
    );
    if (joinedInTime.length > 0) for (const event of someOf(random.pick(joinedInTime), random)) late.add(event);
  }
  return told.map(({ script, events }) => ({
    script,
    events: events.map((event) => (late.has(event) ? { ...event, late: true } : event)),
  }));
}

function someOf({ events }: ToldOccurrence, random: SeededRandom): ToldEvent[] {
  const candidates = events.filter(({ meaning }) => meaning !== 'joined' && meaning !== 'announced');
  const ends = random.chance(0.5) ? candidates.filter(({ meaning }) => meaning === 'meeting_ended') : [];
  const indexes = random.integers(MOST_HELD_BACK, 0, candidates.length - 1);
  return [...ends, ...candidates.filter((_, index) => indexes.includes(index))];
}
