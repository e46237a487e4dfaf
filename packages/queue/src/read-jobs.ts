import { type DeadLetter, letterOf } from './dead-letter.js';
import { DEAD_LETTER_QUEUE } from './dead-letters.js';
import { unavailable } from './errors.js';
import { itemsOf } from './job-payload.js';
import { readPartitionCount } from './partition-count.js';
import { partitionQueueName } from './partition-of.js';
import type { QueueBackend } from './queue-backend.js';

/** A job whose content this package did not write: nobody knows what it tells. A worker puts it among the dead letters. */
export interface UndecodableJob {
  readonly queueName: string;
  readonly id: string;
}

/**
 * Shows the items of every job of the partitions, whatever its state, and changes nothing. Jobs may come and go meanwhile: those that
 * are there from the beginning to the end are shown, each once.
 *
 * @returns the jobs that could not be shown
 * @throws {QueueUnavailableError}
 */
export async function readJobs(
  backend: QueueBackend,
  read: (items: readonly unknown[]) => Promise<void>,
): Promise<UndecodableJob[]> {
  const undecodable: UndecodableJob[] = [];
  for (const queueName of await partitionNames(backend)) {
    for await (const id of eachJobOnce(backend, queueName)) {
      const job = await answered(backend.jobData(queueName, id));
      if (job === null) continue;
      const items = itemsOf(job.data);
      if (items === null) undecodable.push({ queueName, id });
      else await read(items);
    }
  }
  return undecodable;
}

/** The same for the dead letters; what is no letter is shown as {@link letterOf} does. @throws {QueueUnavailableError} */
export async function readDeadLetters(
  backend: QueueBackend,
  read: (letter: DeadLetter, id: string) => Promise<void>,
): Promise<void> {
  for await (const id of eachJobOnce(backend, DEAD_LETTER_QUEUE)) {
    const job = await answered(backend.jobData(DEAD_LETTER_QUEUE, id));
    if (job !== null) await read(letterOf(job.data), id);
  }
}

/** Of all partitions. @throws {QueueUnavailableError} */
export async function partitionNames(backend: QueueBackend): Promise<string[]> {
  const partitions = (await readPartitionCount(backend)) ?? 0;
  return Array.from({ length: partitions }, (_, partition) => partitionQueueName(partition));
}

/** Ids of the jobs of a queue, whatever their state, in no order. @throws {QueueUnavailableError} */
export async function* eachJobOnce(backend: QueueBackend, queueName: string): AsyncGenerator<string, void, void> {
  const seen = new Set<string>();
  const ids = backend.jobIds(queueName)[Symbol.asyncIterator]();
  for (;;) {
    const next = await answered(ids.next());
    if (next.done === true) return;
    if (seen.has(next.value)) continue;
    seen.add(next.value);
    yield next.value;
  }
}

/** @throws {QueueUnavailableError} for whatever the store throws. */
export async function answered<R>(call: Promise<R>): Promise<R> {
  return call.catch((error: unknown) => {
    throw unavailable('the jobs cannot be read or changed', error);
  });
}
