import { LRUCache } from 'lru-cache';
import { type Participant, personName } from './participants.js';

/** Half a kB each. */
const MAX_PARTICIPANTS = 12_000;

/**
 * How long nobody is remembered after one was found to be written by another process. Where several workers take turns at a partition each remembers
 * what the others change, and every batch would be done twice.
 */
const REST_MS = 60_000;

/** States are kept as texts: as objects they are four times as large, and what a worker holds decides how far its heap grows between two collections. */
type Kept = Omit<Participant, 'state'> & { readonly state: string };

/** Participants as a process last wrote them, by {@link personName}. */
export class RememberedParticipants {
  readonly #kept = new LRUCache<string, Kept>({ max: MAX_PARTICIPANTS });
  #restsUntil = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#kept.size;
  }

  get(name: string): Participant | undefined {
    const kept = this.#kept.get(name);
    return kept === undefined ? undefined : { ...kept, state: JSON.parse(kept.state) as unknown };
  }

  set(participant: Participant): void {
    if (performance.now() < this.#restsUntil) return;
    this.#kept.set(personName(participant), { ...participant, state: JSON.stringify(participant.state) });
  }

  delete(name: string): void {
    this.#kept.delete(name);
  }

  clear(): void {
    this.#kept.clear();
  }

  /** One of them was written by another process since: for a while all are asked for. */
  rest(): void {
    this.#restsUntil = performance.now() + REST_MS;
    this.clear();
  }
}
