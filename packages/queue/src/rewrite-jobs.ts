import { contentId, type DeadLetter, letterOf } from './dead-letter.js';
import { DEAD_LETTER_QUEUE } from './dead-letters.js';
import { originsOf } from './job-origin.js';
import { encodePayload, itemsOf } from './job-payload.js';
import type { JobChange, QueueBackend } from './queue-backend.js';
import { answered, eachJobOnce, partitionNames, type UndecodableJob } from './read-jobs.js';

export interface RewrittenJobs {
  /** Jobs whose content was replaced. */
  readonly rewritten: number;
  /** Jobs that were left as they are, since nobody knows what they tell. */
  readonly undecodable: readonly UndecodableJob[];
}

export interface RewrittenLetters {
  /** Letters whose content was replaced. */
  readonly rewritten: number;
  readonly removed: number;
}

/**
 * Shows the items of every job of the partitions, as `readJobs` does, and replaces them by what `rewrite` gives; null leaves them. A job
 * that a worker holds is shown too, but the worker goes on with the items that it read.
 *
 * @throws {QueueUnavailableError} and what `rewrite` throws
 */
export async function rewriteJobs(
  backend: QueueBackend,
  rewrite: (items: readonly unknown[]) => Promise<readonly unknown[] | null>,
): Promise<RewrittenJobs> {
  let rewritten = 0;
  const undecodable: UndecodableJob[] = [];
  for (const queueName of await partitionNames(backend)) {
    for await (const id of eachJobOnce(backend, queueName)) {
      let decodable = true;
      const outcome = await changed(backend, queueName, id, async (data) => {
        const items = itemsOf(data);
        decodable = items !== null;
        const kept = items === null ? null : await rewrite(items);
        return kept === null ? null : { data: encodePayload(kept, originsOf(data)) };
      });
      if (!decodable) undecodable.push({ queueName, id });
      if (outcome === 'changed') rewritten += 1;
    }
  }
  return { rewritten, undecodable };
}

/**
 * The same for the dead letters: `rewrite` gives a letter's new payload, undefined to leave it, or null to have it removed.
 *
 * From then on a letter is known by what it says now, so that the same one, put aside again, is not kept twice; and nothing is left by
 * which a guess at what it said could be proved. Two letters that become the same become one.
 *
 * @throws {QueueUnavailableError} and what `rewrite` throws
 */
export async function rewriteDeadLetters(
  backend: QueueBackend,
  rewrite: (letter: DeadLetter) => Promise<unknown>,
): Promise<RewrittenLetters> {
  let rewritten = 0;
  let removed = 0;
  for await (const id of eachJobOnce(backend, DEAD_LETTER_QUEUE)) {
    let payload: unknown;
    const outcome = await changed(backend, DEAD_LETTER_QUEUE, id, async (data) => {
      const letter = letterOf(data);
      payload = await rewrite(letter);
      if (payload === undefined || payload === null) return null;
      const after = { ...letter, payload };
      return { data: encodePayload([after]), knownAs: contentId(after) };
    });
    if (payload === null || outcome === 'known') await answered(backend.queue(DEAD_LETTER_QUEUE).remove(id));
    if (payload === null) removed += 1;
    else if (outcome !== 'left') rewritten += 1;
  }
  if (rewritten + removed > 0) await answered(backend.forgetEvents(DEAD_LETTER_QUEUE));
  return { rewritten, removed };
}

/** An error of `change` is thrown as it is, not as one of the queue. */
async function changed(
  backend: QueueBackend,
  queueName: string,
  id: string,
  change: (data: unknown) => Promise<JobChange | null>,
): Promise<'changed' | 'left' | 'known'> {
  let failure: { readonly error: unknown } | undefined;
  const outcome = await answered(
    backend.changeData(queueName, id, async (data) =>
      change(data).catch((error: unknown) => {
        failure = { error };
        return null;
      }),
    ),
  );
  if (failure !== undefined) throw failure.error;
  return outcome;
}
