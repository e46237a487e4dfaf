import type { Store } from './client.js';
import { renameInOccurrence } from './erase-occurrence.js';
import { checkErasureKey, keepKey, keepPerson, lockErased, pseudonymOfPerson } from './erased.js';
import { findPerson, type KnownAs, knownAs, namesOfPerson, type Person, placeOfOccurrence } from './find-person.js';
import { rosterEntriesOf, takeOffRosters } from './rosters.js';
import { inTransaction } from './transaction.js';

/** What an erasure has to do. */
export interface PersonToErase {
  readonly person: Person;
  /** Ids of the occurrences that hold the person, sorted. */
  readonly occurrenceIds: readonly string[];
  /** Whether the person was erased before. */
  readonly erasedBefore: boolean;
  readonly knownAs: KnownAs;
  /** Internal ids of the person's connections, and the person's names, as far as they are known. */
  readonly connections: readonly string[];
  readonly names: readonly string[];
  /** Rosters that name the person. */
  readonly rosters: number;
}

/** What was replaced by pseudonyms. */
export interface PersonErasure {
  readonly meetings: number;
  readonly events: number;
  readonly connections: number;
  /** Rosters that the person was taken off. */
  readonly rosters: number;
}

/**
 * What is known of a person, whether by an external id or by an internal one that stands for them. Changes nothing.
 *
 * @throws ErasureKeyError where something was erased under another key
 */
export async function findPersonToErase(store: Store, key: Buffer, person: Person): Promise<PersonToErase> {
  await checkErasureKey(store, key);
  const db = store.statements;
  const occurrenceIds = await findPerson(db, person);
  const { names, connections } = await namesOfPerson(db, person, occurrenceIds);
  const entries = await rosterEntriesOf(db, person.accessUrlId, person.userId);
  return {
    person,
    occurrenceIds,
    erasedBefore: (await pseudonymOfPerson(db, key, person.accessUrlId, person.userId)) !== null,
    knownAs: await knownAs(db, person),
    connections,
    names: [...new Set([...names, ...entries.flatMap(({ name }) => name ?? [])])],
    rosters: entries.length,
  };
}

/**
 * Gives a person a pseudonym, from when on nothing new comes in under their ids, and puts it in the place of ids and names in the
 * journal and the rows, occurrence by occurrence, each in one transaction; takes the person off all rosters. Killed half way, it goes on when it is called again.
 *
 * @throws ErasureKeyError
 */
export async function erasePerson(store: Store, key: Buffer, { accessUrlId, userId }: Person): Promise<PersonErasure> {
  const pseudonym = await inTransaction(store, async (db) => {
    await lockErased(db);
    await keepKey(db, key);
    return keepPerson(db, key, accessUrlId, userId);
  });
  const rosters = await takeOffRosters(store.statements, accessUrlId, userId);
  // Only now: until here a batch may have brought the person into one more.
  const occurrences = await findPerson(store.statements, { accessUrlId, userId });
  let events = 0;
  let connections = 0;
  for (const id of occurrences) {
    const outcome = await inTransaction(store, async (db) => {
      await lockErased(db);
      const place = await placeOfOccurrence(db, id);
      if (place === null) return null;
      return renameInOccurrence(db, key, { place, occurrenceIds: [id], userId, person: pseudonym, connections: [] });
    });
    events += outcome?.events ?? 0;
    connections += outcome?.connections ?? 0;
  }
  return { meetings: occurrences.length, events, connections, rosters };
}
