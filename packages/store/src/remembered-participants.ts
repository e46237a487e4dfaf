import { LRUCache } from 'lru-cache';
import { type Participant, personName } from './participants.js';

/** Half a kB each. */
const MAX_PARTICIPANTS = 12_000;

/** How long somebody is not remembered who was found to be written by another process too: one who is connected twice, by two partitions. */
const REST_MS = 60_000;

/** States are kept as texts: as objects they are four times as large, and what a worker holds decides how far its heap grows between two collections. */
interface Kept {
  readonly row: Omit<Participant, 'state'> & { readonly state: string };
  readonly tenure: string;
}

/**
 * Participants as a process last wrote them, by {@link personName}. Nobody is remembered beyond the tenure in which they were written: another
 * process may have written them since, and a batch that takes them for what they were is done twice.
 */
export class RememberedParticipants {
  readonly #kept = new LRUCache<string, Kept>({ max: MAX_PARTICIPANTS });
  readonly #resting = new LRUCache<string, true>({ max: MAX_PARTICIPANTS, ttl: REST_MS });

  get size(): number {
    return this.#kept.size;
  }

  get(name: string, tenure: string): Participant | undefined {
    const kept = this.#kept.get(name);
    if (kept?.tenure !== tenure) return undefined;
    return { ...kept.row, state: JSON.parse(kept.row.state) as unknown };
  }

  /**
   * @param before as the transaction found them
   * @param after as it left them
   */
  written(before: Pick<Participant, 'revision'>, after: Participant, tenure: string): void {
    const name = personName(after);
    const kept = this.#kept.get(name);
    if (kept?.tenure === tenure && kept.row.revision !== before.revision) this.#resting.set(name, true);
    if (this.#resting.has(name)) this.#kept.delete(name);
    else this.#kept.set(name, { row: { ...after, state: JSON.stringify(after.state) }, tenure });
  }

  delete(name: string): void {
    this.#kept.delete(name);
  }

  clear(): void {
    this.#kept.clear();
  }
}
