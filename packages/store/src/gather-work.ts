import type { FoldWork } from './folding.js';
import { groupBy } from './group-by.js';
import { journalEventOf } from './journal.js';
import { LockPlanOutdatedError } from './lock-plan-outdated.js';
import { endOf, isFlat } from './occurrence.js';
import type { OccurrenceChange } from './occurrence-changes.js';
import {
  insertJournalledParticipants,
  insertParticipants,
  lockParticipants,
  newParticipants,
  type Participant,
  personName,
  readParticipants,
} from './participants.js';
import type { Statements } from './statements.js';
import type { PersonPlace, PlacedEvent, Ties } from './ties.js';

/** How participants are taken. */
export interface Taking {
  readonly locks: boolean;
  /** Those who are known already, by {@link personName}: read in this transaction, or remembered. Without locks nobody asks for them again. */
  readonly found: ReadonlyMap<string, Participant>;
}

/** Takes the participants whom the batch may change, and gathers what is new about each. */
export async function gatherWork(
  db: Statements,
  changes: readonly OccurrenceChange[],
  fresh: readonly PlacedEvent[],
  ties: Ties,
  taking: Taking,
): Promise<FoldWork[]> {
  const byId = new Map(changes.filter(({ after }) => after.known).map((change) => [change.after.id, change]));
  const ofPersons = new Map<string, PlacedEvent[]>();
  const persons = new Map<string, PersonPlace>();
  for (const event of fresh) {
    const person = byId.has(event.meetingId) ? ties.personOf(event) : null;
    if (person === null) continue;
    const name = personName(person);
    persons.set(name, person);
    const own = ofPersons.get(name);
    if (own === undefined) ofPersons.set(name, [event]);
    else own.push(event);
  }
  const moved = ties.moved.filter(({ from }) => byId.has(from.meetingId));
  const concerned = new Map([...persons, ...moved.flatMap(({ from, to }) => [from, to].map(named))]);
  const participants = await takeParticipants(db, changes, persons, concerned, taking);
  const present = new Set(participants.map(personName));
  if ([...persons.keys()].some((name) => !present.has(name))) throw new LockPlanOutdatedError();

  // Who was never a participant under the former id has no event that could move.
  const again = new Set(
    moved.filter(({ from }) => present.has(personName(from))).flatMap(({ from, to }) => [from, to].map(personName)),
  );
  const ends = groupBy(
    fresh.filter(({ event }) => event.kind === 'meeting_ended'),
    ({ meetingId }) => meetingId,
  );
  return participants.flatMap((participant) => {
    const change = byId.get(participant.meetingId);
    if (change === undefined) return [];
    const occurrence = change.after;
    return [
      {
        participant,
        occurrence,
        end: endOf(occurrence),
        events: (ofPersons.get(personName(participant)) ?? []).map(journalEventOf),
        flatEnds: isFlat(occurrence) ? (ends.get(occurrence.id) ?? []).map(journalEventOf) : [],
        again: change.awakes || again.has(personName(participant)),
      },
    ];
  });
}

function named(person: PersonPlace): [string, PersonPlace] {
  return [personName(person), person];
}

/**
 * The participants whom the batch may change: `persons`, whom it tells of, those of the others `concerned` who are there, and all of an
 * occurrence that changed as a whole. Both by name.
 */
async function takeParticipants(
  db: Statements,
  changes: readonly OccurrenceChange[],
  persons: ReadonlyMap<string, PersonPlace>,
  concerned: ReadonlyMap<string, PersonPlace>,
  { locks, found }: Taking,
): Promise<Participant[]> {
  const idsOf = (which: 'awakes' | 'journalled' | 'wide') =>
    changes.filter((change) => change.after.known && change[which]).map(({ after }) => after.id);
  await insertJournalledParticipants(db, idsOf('awakes'));
  const journalled = new Set(idsOf('journalled'));
  const wide = idsOf('wide');
  if (locks || wide.length > 0) {
    await insertParticipants(db, [...persons.values()], journalled);
    return lockParticipants(db, [...concerned.values()], wide);
  }
  const known = [...concerned.keys()].flatMap((name) => found.get(name) ?? []);
  const unknown = [...concerned].filter(([name]) => !found.has(name)).map(([, person]) => person);
  const there = [...known, ...(await readParticipants(db, unknown))];
  const names = new Set(there.map(personName));
  const missing = [...persons].filter(([name]) => !names.has(name)).map(([, person]) => person);
  const [withJournal, without] = partition(missing, ({ meetingId }) => journalled.has(meetingId));
  await insertParticipants(db, withJournal, journalled);
  return [...there, ...(await readParticipants(db, withJournal)), ...(await newParticipants(db, without))];
}

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
