import { type RewriteOutcome, rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import { erasePerson, findPersonToErase } from '@bbb-activity/store/erase-person';
import { mentions } from '@bbb-activity/store/mentions';
import { isSealedPayload, openSealed } from '@bbb-activity/store/sealed-letters';
import { itemsWithoutErased } from '@bbb-activity/store/without-erased';
import { NotFoundError, type PersonalData } from './personal-data.js';
import { isQueued } from './queued-person.js';

/**
 * Erases a person from the database, the queue and the dead letters; can be run again after a kill, and beside running workers.
 *
 * What ingress sealed comes first, since the names that tell it are known only as long as the journal has them. The jobs come last, since
 * only then every connection of the person has a pseudonym.
 *
 * @throws NotFoundError
 */
export async function eraseUser(data: PersonalData, userId: string, print: (line: string) => void): Promise<void> {
  const { store, backend, erasureKey, accessUrlId } = data;
  const person = { accessUrlId, userId };
  const found = await findPersonToErase(store, erasureKey, person);
  if (found.occurrenceIds.length === 0 && !found.erasedBefore && !(await isQueued(data, person))) {
    throw new NotFoundError(`nothing is stored about a user ${userId} of access URL ${accessUrlId}`);
  }
  if (found.erasedBefore) print('the person was erased before; what was left or came in since goes now');

  const sealed = await removeSealed(data, found.words);
  const { meetings, events, connections } = await erasePerson(store, erasureKey, person);
  const jobs = await rewriteJobs(backend, (items) => itemsWithoutErased(store, erasureKey, items));
  const letters = await rewriteDeadLetters(backend, async ({ payload }) => {
    const kept = await itemsWithoutErased(store, erasureKey, [payload]);
    return kept === null ? undefined : (kept[0] ?? null);
  });
  print(`meetings: ${meetings}`);
  print(`connections: ${connections}`);
  print(`events of the journal: ${events}`);
  print(`queued jobs: ${jobs.rewritten}`);
  print(`dead letters: ${letters.rewritten} changed, ${sealed.removed + letters.removed} that could not be read removed`);
  if (sealed.unopened > 0)
    print(`${sealed.unopened} dead letters are sealed under another key: nobody can tell whom they are about`);
}

/** Removes sealed dead letters of the access URL that tell one of the words. */
export async function removeSealed(
  { backend, identityKey, accessUrlId }: PersonalData,
  words: readonly string[],
): Promise<RewriteOutcome & { unopened: number }> {
  let unopened = 0;
  const outcome = await rewriteDeadLetters(backend, async ({ payload }) => {
    if (!isSealedPayload(payload) || payload.accessUrlId !== accessUrlId) return undefined;
    const text = openSealed(payload, identityKey);
    if (text === null) unopened += 1;
    return text !== null && mentions(text, words) ? null : undefined;
  });
  return { ...outcome, unopened };
}
