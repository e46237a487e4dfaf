import { DEAD_LETTER_QUEUE, type DeadLetter } from './dead-letters.js';
import { unavailable } from './errors.js';
import { decodePayload, encodePayload, type StoredPayload } from './job-payload.js';
import { readPartitionCount } from './partition-count.js';
import { partitionQueueName } from './partition-of.js';
import type { QueueBackend } from './queue-backend.js';

export interface RewriteOutcome {
  /** Jobs and letters whose content was replaced. */
  readonly rewritten: number;
  /** Dead letters that were removed. */
  readonly removed: number;
}

/**
 * Shows the items of every job of the partitions, whatever its state, and replaces them by what `rewrite` gives; null leaves them. A job
 * that a worker holds is shown too, but the worker goes on with the items that it read. Jobs may come and go meanwhile: those that are
 * there from the beginning to the end are shown.
 *
 * @throws {QueueUnavailableError}
 */
export async function rewriteJobs(
  backend: QueueBackend,
  rewrite: (items: readonly unknown[]) => Promise<readonly unknown[] | null>,
): Promise<RewriteOutcome> {
  const partitions = (await readPartitionCount(backend)) ?? 0;
  let rewritten = 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    rewritten += await rewriteQueue(backend, partitionQueueName(partition), async (items) => (await rewrite(items)) ?? undefined);
  }
  return { rewritten, removed: 0 };
}

/**
 * The same for the dead letters: `rewrite` gives a letter's new payload, undefined to leave it, or null to have it removed.
 *
 * @throws {QueueUnavailableError}
 */
export async function rewriteDeadLetters(
  backend: QueueBackend,
  rewrite: (letter: DeadLetter) => Promise<unknown>,
): Promise<RewriteOutcome> {
  const gone: string[] = [];
  const rewritten = await rewriteQueue(backend, DEAD_LETTER_QUEUE, async ([letter], id) => {
    if (!isLetter(letter)) return undefined;
    const payload = await rewrite(letter);
    if (payload === null) gone.push(id);
    return payload === undefined || payload === null ? undefined : [{ ...letter, payload }];
  });
  for (const id of gone) await answered(backend.queue(DEAD_LETTER_QUEUE).remove(id));
  return { rewritten, removed: gone.length };
}

async function rewriteQueue(
  backend: QueueBackend,
  name: string,
  rewrite: (items: readonly unknown[], id: string) => Promise<readonly unknown[] | undefined>,
): Promise<number> {
  let rewritten = 0;
  const seen = new Set<string>();
  for await (const id of backend.jobIds(name)) {
    if (seen.has(id)) continue;
    seen.add(id);
    const changed = await answered(
      backend.changeData(name, id, async (data): Promise<StoredPayload | null> => {
        const items = await rewrite(decodePayload(data), id);
        return items === undefined ? null : encodePayload(items);
      }),
    );
    if (changed) rewritten += 1;
  }
  return rewritten;
}

function isLetter(value: unknown): value is DeadLetter {
  return typeof value === 'object' && value !== null && 'payload' in value && 'reason' in value;
}

async function answered<R>(call: Promise<R>): Promise<R> {
  return call.catch((error: unknown) => {
    throw unavailable('the jobs cannot be read or changed', error);
  });
}
