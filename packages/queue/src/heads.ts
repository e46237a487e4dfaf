/** So long what is known of other processes is believed, in ms. */
const KNOWN_MS = 50;
/** Who has not moved for so long is not waited for, in ms: it is paused, or stuck, or its process is gone. */
const MOVES_WITHIN_MS = 1_000;

/** How far a partition is, and until when others may wait for it. */
export interface Place {
  /** When the job in hand, or the one that is taken next, was queued: unix ms. */
  readonly queuedAt: number;
  /** Nobody waits for it after that; monotonic ms. */
  readonly until: number;
}

interface Head {
  readonly queuedAt: number | null;
  /** Since when it has been there, as far as is known; monotonic ms. */
  readonly since: number;
}

/** How far the partitions are in all processes, as the queue tells: asked for when it is needed, and not more often than it is of use. */
export class Heads {
  readonly #ask: () => Promise<readonly (number | null)[]>;
  readonly #onError: (error: unknown) => void;
  #heads: readonly Head[] = [];
  #knownAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  /** @param ask gives when the next job of each partition was queued, unix ms, or null */
  constructor(ask: () => Promise<readonly (number | null)[]>, onError: (error: unknown) => void) {
    this.#ask = ask;
    this.#onError = onError;
  }

  /** Resolves once they are known as they are. Where they cannot be read, none is. */
  async look(): Promise<void> {
    if (this.#isKnown(performance.now())) return;
    this.#asking ??= this.#read().finally(() => {
      this.#asking = null;
    });
    await this.#asking;
  }

  /** Of the partitions that may be waited for, by their numbers; none where nobody looked just before `now`, monotonic ms. */
  places(now: number): Map<number, Place> {
    const places = new Map<number, Place>();
    if (!this.#isKnown(now)) return places;
    for (const [partition, { queuedAt, since }] of this.#heads.entries()) {
      const until = Math.min(since + MOVES_WITHIN_MS, this.#knownAt + KNOWN_MS);
      if (queuedAt !== null && until > now) places.set(partition, { queuedAt, until });
    }
    return places;
  }

  #isKnown(now: number): boolean {
    return now < this.#knownAt + KNOWN_MS;
  }

  async #read(): Promise<void> {
    try {
      const told = await this.#ask();
      const now = performance.now();
      this.#heads = told.map((queuedAt, partition) => {
        const before = this.#heads[partition];
        return before?.queuedAt === queuedAt ? before : { queuedAt, since: now };
      });
      this.#knownAt = now;
    } catch (error) {
      this.#onError(error);
    }
  }
}
