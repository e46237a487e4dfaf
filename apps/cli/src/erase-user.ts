import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import { erasePerson } from '@bbb-activity/store/erase-person';
import type { Mentioned } from '@bbb-activity/store/mentions';
import { itemsWithoutErased } from '@bbb-activity/store/without-erased';
import { doubtsOf, readEvidence, removeEvidence } from './evidence.js';
import { findPersonById } from './person-by-id.js';
import { NotFoundError, type PersonalData } from './personal-data.js';
import { unreadLines } from './unread-jobs.js';

export interface EraseOptions {
  /** Removes also dead letters of which it is not sure whom or what they tell of. */
  readonly loose: boolean;
  readonly print: (line: string) => void;
}

/**
 * Erases a person from the database, the queue and the dead letters; can be run again after a kill, and beside running workers.
 *
 * What ingress sealed comes first, since the names that tell it are known only as long as the journal has them. The jobs come last, since
 * only then every connection of the person has a pseudonym.
 *
 * @returns whether everything could be read
 * @throws NotFoundError
 * @throws ConnectionError where the id is a connection of somebody who has an external id
 */
export async function eraseUser(data: PersonalData, userId: string, { loose, print }: EraseOptions): Promise<boolean> {
  const { store, backend, erasureKey, accessUrlId } = data;
  const person = { accessUrlId, userId };
  const { found, queued, isInternal } = await findPersonById(data, userId);
  const mentioned: Mentioned = {
    sort: 'user',
    ids: [...new Set([userId, ...found.connections, ...queued.connections])],
    names: [...new Set([...found.names, ...queued.names])],
  };
  if (found.occurrenceIds.length === 0 && !found.erasedBefore && !queued.found && found.rosters === 0) {
    await requireEvidence(data, mentioned, loose, `a user ${userId} of access URL ${accessUrlId}`);
  }
  if (found.erasedBefore) print('the person was erased before; what was left or came in since goes now');

  const evidence = await removeEvidence(data, mentioned, loose);
  const { meetings, events, connections, rosters } = await erasePerson(store, erasureKey, person);
  const jobs = await rewriteJobs(backend, (items) => itemsWithoutErased(store, erasureKey, items));
  const letters = await rewriteDeadLetters(backend, async ({ payload }) => {
    const kept = await itemsWithoutErased(store, erasureKey, [payload]);
    return kept === null ? undefined : (kept[0] ?? null);
  });
  print(`meetings: ${meetings}`);
  print(`connections: ${connections}`);
  print(`events of the journal: ${events}`);
  if (rosters > 0) print(`rosters: taken off ${rosters}`);
  print(`queued jobs: ${jobs.rewritten}`);
  print(`dead letters: ${letters.rewritten} changed, ${evidence.removed + letters.removed} that could not be read removed`);
  if (isInternal) {
    print(
      'the id is an internal one: whoever a later event ties it to gets a pseudonym in that meeting, and in no other; what is stored of them ' +
        'elsewhere is erased by their external id',
    );
  }
  for (const line of [...doubtsOf(evidence), ...unreadLines(jobs.undecodable)]) print(line);
  return jobs.undecodable.length === 0 && evidence.unopened === 0;
}

/** Passes where dead letters hold evidence that would be removed. @throws NotFoundError */
export async function requireEvidence(data: PersonalData, mentioned: Mentioned, loose: boolean, what: string): Promise<void> {
  let sure = 0;
  let left = 0;
  const unopened = await readEvidence(data, mentioned, async (mention) => {
    if (mention === 'loose' && !loose) left += 1;
    else sure += 1;
  });
  if (sure === 0) throw new NotFoundError([`nothing is stored about ${what}`, ...doubtsOf({ left, unopened })].join('; '));
}
