import { readDeadLetters, readJobs } from '@bbb-activity/queue/read-jobs';
import type { Person } from '@bbb-activity/store/find-person';
import { isEvent } from '@bbb-activity/store/without-erased';
import type { PersonalData } from './personal-data.js';

/** Whether an item of the queue tells of the person: by the id itself, as owner of a meeting, or by one of the person's connections. */
export function tellsOf(item: unknown, { accessUrlId, userId }: Person, connections: readonly string[] = []): boolean {
  if (!isEvent(item) || item.accessUrlId !== accessUrlId) return false;
  const owner = item.details.meeting?.userId ?? null;
  if (owner !== null && String(owner) === userId) return true;
  if (item.person === null) return false;
  const { externalId, internalId } = item.person;
  if (externalId === userId || internalId === userId) return true;
  return externalId === null && internalId !== null && connections.includes(internalId);
}

/** What the queue and the dead letters know of a person. */
export interface QueuedPerson {
  readonly found: boolean;
  /** By an external id, or as owner of a meeting. */
  readonly isPerson: boolean;
  /** By an internal id, without an external one. */
  readonly standsIn: boolean;
  /** External ids that come with the id as an internal one. */
  readonly tiedTo: readonly string[];
  readonly connections: readonly string[];
  readonly names: readonly string[];
}

/** Looks for the person by the id itself. */
export async function findQueuedPerson({ backend }: PersonalData, person: Person): Promise<QueuedPerson> {
  let found = false;
  let isPerson = false;
  let standsIn = false;
  const tiedTo = new Set<string>();
  const connections = new Set<string>();
  const names = new Set<string>();
  const look = async (items: readonly unknown[]) => {
    for (const item of items.filter(isEvent).filter((one) => tellsOf(one, person))) {
      found = true;
      const isConnection = item.person?.internalId === person.userId;
      const externalId = item.person?.externalId ?? null;
      if (!isConnection || externalId === person.userId) isPerson = true;
      else if (externalId === null) standsIn = true;
      else tiedTo.add(externalId);
      if (item.person === null) continue;
      if (item.person.internalId !== null) connections.add(item.person.internalId);
      if (item.person.name !== null) names.add(item.person.name);
    }
  };
  await readJobs(backend, look);
  await readDeadLetters(backend, ({ payload }) => look([payload]));
  return { found, isPerson, standsIn, tiedTo: [...tiedTo], connections: [...connections], names: [...names] };
}
