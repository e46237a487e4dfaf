import type { DeadLetters } from './dead-letters.js';
import { readPartitionCount } from './partition-count.js';
import { type KeyedItem, PartitionPublisher } from './partition-publisher.js';
import type { QueueBackend } from './queue-backend.js';

/** `gone`: there is no such letter. `not_redrivable`: it holds no item, or there are no partitions yet. */
export type RedriveOutcome = 'redriven' | 'gone' | 'not_redrivable';

/**
 * Sends the item that a letter holds to its partition again, behind all that waits there, and removes the letter once the item is durable in the queue.
 * Killed in between, both are there: the item changes nothing the second time.
 *
 * @param itemOf the item of a letter's payload, with its key; null where it holds none
 * @throws {QueueUnavailableError} the letter is there still
 */
export async function redriveLetter<T>(
  backend: QueueBackend,
  letters: DeadLetters,
  id: string,
  itemOf: (payload: unknown) => KeyedItem<T> | null,
): Promise<RedriveOutcome> {
  const letter = await letters.get(id);
  if (letter === null) return 'gone';
  const item = itemOf(letter.payload);
  const partitions = await readPartitionCount(backend);
  if (item === null || partitions === null) return 'not_redrivable';
  // Refused again at once, it is put aside again: as long as this letter is known by its content, that one would not be kept, and then this one goes.
  if (!(await letters.estrange(id))) return 'gone';
  const publisher = await PartitionPublisher.open<T>(backend, { partitions });
  try {
    await publisher.publish([item]);
  } finally {
    await publisher.close();
  }
  await letters.remove(id);
  return 'redriven';
}
