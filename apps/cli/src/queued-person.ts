import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import type { Person } from '@bbb-activity/store/find-person';
import { isEvent } from '@bbb-activity/store/without-erased';
import type { PersonalData } from './personal-data.js';

/** Whether an item of the queue tells of the person: by the id itself, or by one of the person's connections. */
export function tellsOf(item: unknown, { accessUrlId, userId }: Person, connections: readonly string[] = []): boolean {
  if (!isEvent(item) || item.accessUrlId !== accessUrlId || item.person === null) return false;
  const { externalId, internalId } = item.person;
  if (externalId === userId || internalId === userId) return true;
  return externalId === null && internalId !== null && connections.includes(internalId);
}

/** Whether a job or a dead letter tells of the person by the id itself. */
export async function isQueued({ backend }: PersonalData, person: Person): Promise<boolean> {
  let found = false;
  await rewriteJobs(backend, async (items) => {
    found ||= items.some((item) => tellsOf(item, person));
    return null;
  });
  await rewriteDeadLetters(backend, async ({ payload }) => {
    found ||= tellsOf(payload, person);
    return undefined;
  });
  return found;
}
