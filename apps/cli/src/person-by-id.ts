import { findPersonToErase, type PersonToErase } from '@bbb-activity/store/erase-person';
import type { PersonalData } from './personal-data.js';
import { findQueuedPerson, type QueuedPerson } from './queued-person.js';

export interface PersonById {
  readonly found: PersonToErase;
  readonly queued: QueuedPerson;
  /** Whether it is an internal id that stands for the person. */
  readonly isInternal: boolean;
}

/** Looks for a person in the database and the queue. @throws ConnectionError */
export async function findPersonById(data: PersonalData, userId: string): Promise<PersonById> {
  const person = { accessUrlId: data.accessUrlId, userId };
  const found = await findPersonToErase(data.store, data.erasureKey, person);
  const queued = await findQueuedPerson(data, person);
  const { knownAs, erasedBefore } = found;
  const tiedTo = [...new Set([...knownAs.tiedTo, ...queued.tiedTo])].toSorted();
  if (tiedTo.length > 0 && !knownAs.person && !queued.isPerson && !erasedBefore) throw new ConnectionError(person, tiedTo);
  return { found, queued, isInternal: knownAs.standsIn || queued.standsIn };
}

/** The id is one connection of somebody who has an external id: under the connection's there is nothing but the tie. */
class ConnectionError extends Error {
  readonly code = 'only_a_connection';

  constructor({ userId, accessUrlId }: { userId: string; accessUrlId: number }, tiedTo: readonly string[]) {
    super(
      `${userId} is the internal id of a connection in access URL ${accessUrlId}, and no person's: use the external id of the person whose it is, ` +
        tiedTo.map((id) => `--user ${id}`).join(', or '),
    );
  }
}
