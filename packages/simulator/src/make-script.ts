import { makePerson, type PersonPlace } from './make-person.js';
import type { AnnouncementScript, OccurrenceScript, PersonScript, RoomScript } from './meeting-script.js';
import { SeededRandom } from './seeded-random.js';

/** 2030: later than any clock that a test runs by, so that nothing takes the meetings for stale. */
const FIRST_START = 1_900_000_000_000;
/** Steps are these long, so that much happens at one instant. */
const STEP_MS = 250;
const STEP_IN_SECONDS_MS = 1_000;
/** Longer than the grace after a `left` (docs/metrics.md, "Sessions"). */
const PAUSE_MS = 60_000;

/**
 * A room from a seed: the same seed is the same room, with ids of its own. Only what has a defined number is made
 * (docs/metrics.md): in particular nobody does the same thing twice at one instant, which a sender without ids could not tell.
 */
export function makeScript(seed: number): RoomScript {
  const random = new SeededRandom(seed);
  const externalId = `room-${seed}-${random.text(4)}`;
  const occurrences: OccurrenceScript[] = [];
  let startsAt = FIRST_START + random.integer(0, 100_000) * 1_000;
  const runs = random.pick([0, 1, 1, 1, 1, 1, 2, 2, 3]);
  for (let run = 1; run <= runs; run += 1) {
    const made = makeRun(random, { externalId, internalId: `in-${seed}-${run}-${random.text(6)}`, startsAt });
    occurrences.push(made.occurrence);
    startsAt = made.until + PAUSE_MS;
  }
  if (runs === 0 || random.chance(0.15)) occurrences.push(makeFlat(random, externalId, startsAt));
  const announcements = makeAnnouncements(random, occurrences);
  // What names the room alone is an occurrence without an internal id, also where nobody is ever in it.
  const namesRoom = announcements.some(({ internalId }) => internalId === null);
  if (namesRoom && occurrences.every(({ internalId }) => internalId !== null)) occurrences.push(emptyFlat(externalId, startsAt));
  return {
    seed,
    externalId,
    occurrences,
    announcements,
    server: random.pick(['running', 'not_running', 'not_running', 'refused', 'refused']),
    heldBack: random.pick(['nothing', 'nothing', 'some', 'some', 'some', 'noted', 'announcements']),
  };
}

function emptyFlat(externalId: string, startsAt: number): OccurrenceScript {
  return {
    internalId: null,
    externalId,
    tellsExternalId: 'always',
    inSeconds: false,
    startsAt,
    createdTold: false,
    endedAt: [],
    leavesMadeUp: false,
    people: [],
  };
}

/** Each signed in a second of its own: of two in one second the identities alone decide which is told last. */
function makeAnnouncements(random: SeededRandom, occurrences: readonly OccurrenceScript[]): AnnouncementScript[] {
  const seconds = random.integers(3, 0, MOST_SECONDS_BEFORE);
  const ids = [null, ...occurrences.map(({ internalId }) => internalId)];
  return seconds.map((secondsBefore) => ({
    internalId: random.pick(ids),
    title: `Announced ${random.text(4)}`,
    secondsBefore,
  }));
}

/** Well within the window of the signature, also of one that is sent last (docs/wire.md, "The modern endpoint"). */
const MOST_SECONDS_BEFORE = 60;

interface Place {
  readonly externalId: string;
  readonly internalId: string | null;
  readonly startsAt: number;
}

interface Run {
  readonly occurrence: OccurrenceScript;
  /** Later than everything in it. */
  readonly until: number;
}

function makeRun(random: SeededRandom, place: Place): Run {
  const inSeconds = random.chance(0.3);
  const stepMs = inSeconds ? STEP_IN_SECONDS_MS : STEP_MS;
  const steps = random.integer(20, 90);
  const personPlace = placeOf(random, place, { stepMs, steps });
  const people = Array.from({ length: random.integer(1, 3) }, (_, index) => makePerson(personPlace, index));
  const until = place.startsAt + (steps + 6) * stepMs + PAUSE_MS;
  return {
    occurrence: {
      ...place,
      tellsExternalId: random.pick(['always', 'always', 'sometimes', 'never']),
      inSeconds,
      createdTold: random.chance(0.7),
      endedAt: ends(random, place, stepMs, steps),
      leavesMadeUp: random.chance(0.6),
      people,
    },
    until,
  };
}

/** None, one after all has happened, one too early (the clock of another sender), or two. */
function ends(random: SeededRandom, { startsAt }: Place, stepMs: number, steps: number): number[] {
  const at = (step: number) => startsAt + step * stepMs;
  switch (random.pick(['none', 'none', 'after', 'after', 'after', 'after', 'early', 'two'])) {
    case 'none':
      return [];
    case 'early':
      return [at(random.integer(Math.floor(steps / 2), steps))];
    case 'two':
      return [at(steps + 4), at(steps + 4 + random.integer(1, 8))];
    default:
      return [at(steps + random.integer(4, 6))];
  }
}

function placeOf(random: SeededRandom, place: Place, time: Pick<PersonPlace, 'stepMs' | 'steps'>): PersonPlace {
  const prefix = place.internalId ?? place.externalId;
  const people = `user-of-${place.externalId}`;
  return { random, prefix, people, startsAt: place.startsAt, ...time, flat: place.internalId === null };
}

/** Runs of a room whose sender tells no internal ids: one occurrence, in which each end closes what is open. */
function makeFlat(random: SeededRandom, externalId: string, startsAt: number): OccurrenceScript {
  const inSeconds = random.chance(0.6);
  const stepMs = inSeconds ? STEP_IN_SECONDS_MS : STEP_MS;
  const people = new Map<string, PersonScript>();
  const endedAt: number[] = [];
  let at = startsAt;
  for (let runs = random.integer(1, 3); runs > 0; runs -= 1) {
    const steps = random.integer(20, 60);
    const place = placeOf(random, { externalId, internalId: null, startsAt: at }, { stepMs, steps });
    for (let index = random.integer(0, 2); index >= 0; index -= 1) {
      const person = makePerson(place, index);
      people.set(person.externalId, join(people.get(person.externalId), person));
    }
    if (random.chance(0.6)) endedAt.push(at + (steps + random.integer(4, 6)) * stepMs);
    at += (steps + 6) * stepMs + PAUSE_MS;
  }
  return {
    internalId: null,
    externalId,
    tellsExternalId: 'always',
    inSeconds,
    startsAt,
    createdTold: false,
    endedAt,
    leavesMadeUp: random.chance(0.5),
    people: [...people.values()],
  };
}

/** One person in one run and in a later one. */
function join(before: PersonScript | undefined, now: PersonScript): PersonScript {
  const [earlier] = before?.connections ?? [];
  if (earlier === undefined) return now;
  return { ...now, connections: now.connections.map((one) => ({ ...one, stays: [...earlier.stays, ...one.stays] })) };
}
