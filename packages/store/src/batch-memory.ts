import { LRUCache } from 'lru-cache';
import type { Store } from './client.js';
import type { Occurrence } from './occurrence.js';
import { RememberedParticipants } from './remembered-participants.js';
import type { TieMark } from './ties.js';

const MAX_OCCURRENCES = 5_000;
/** A quarter of a kB each: what a worker holds decides how far its heap grows between two collections. */
const MAX_TIES = 30_000;

/**
 * What a process remembers of the batches it committed, so that the next ones need not ask. It only spares statements: a remembered
 * occurrence is a guess at what locks are needed, which is checked once they are held; of a remembered tie is used only what can never
 * change, that no later event replaces it; a remembered participant is written only where the row still is of that revision.
 *
 * It holds for the database as it was: everything is forgotten when a batch fails, and when a connection is made, since a database that was
 * put back to an earlier state, or whose place another server took, is known by nothing else.
 */
export class BatchMemory {
  readonly occurrences = new LRUCache<string, Occurrence>({ max: MAX_OCCURRENCES });
  readonly ties = new LRUCache<string, TieMark>({ max: MAX_TIES });
  readonly participants = new RememberedParticipants();

  /** The memory of a process for all its batches on this store. */
  static over(store: Store): BatchMemory {
    const memory = new BatchMemory();
    store.pool.on('connect', () => memory.forget());
    return memory;
  }

  /** Whether a committed batch found that nothing was ever erased. */
  nothingErased = false;
  #generation = 0;

  /** Another one after each {@link forget}. */
  get generation(): number {
    return this.#generation;
  }

  forget(): void {
    this.#generation += 1;
    this.occurrences.clear();
    this.ties.clear();
    this.participants.clear();
    this.nothingErased = false;
  }
}
