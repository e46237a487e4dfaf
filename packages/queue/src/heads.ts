const KNOWN_MS = 50;
const MOVES_WITHIN_MS = 1_000;

export interface HeadsOptions {
  /** So long what was told is believed, and not asked for again, in ms. Default 50. */
  readonly knownMs?: number;
  /** Who has not moved for so long is not waited for, in ms: it is paused, or stuck, or its process is gone. Default 1,000. */
  readonly movesWithinMs?: number;
}

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
  readonly #knownMs: number;
  readonly #movesWithinMs: number;
  #heads: readonly Head[] = [];
  #knownAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  /** @param ask gives when the next job of each partition was queued, unix ms, or null */
  constructor(
    ask: () => Promise<readonly (number | null)[]>,
    onError: (error: unknown) => void,
    { knownMs = KNOWN_MS, movesWithinMs = MOVES_WITHIN_MS }: HeadsOptions = {},
  ) {
    this.#ask = ask;
    this.#onError = onError;
    this.#knownMs = knownMs;
    this.#movesWithinMs = movesWithinMs;
  }

  /** Of the partitions that may be waited for, by their numbers, as they are now or were a moment ago. Where they cannot be read, none is. */
  async look(): Promise<ReadonlyMap<number, Place>> {
    if (performance.now() >= this.#knownAt + this.#knownMs) {
      this.#asking ??= this.#read().finally(() => {
        this.#asking = null;
      });
      await this.#asking;
    }
    const now = performance.now();
    const places = new Map<number, Place>();
    for (const [partition, { queuedAt, since }] of this.#heads.entries()) {
      const moves = since + this.#movesWithinMs;
      if (queuedAt !== null && moves > now)
        places.set(partition, { queuedAt, until: Math.min(moves, this.#knownAt + this.#knownMs) });
    }
    return places;
  }

  async #read(): Promise<void> {
    let told: readonly (number | null)[] = [];
    try {
      told = await this.#ask();
    } catch (error) {
      this.#onError(error);
    }
    const now = performance.now();
    this.#heads = told.map((queuedAt, partition) => {
      const before = this.#heads[partition];
      return before?.queuedAt === queuedAt ? before : { queuedAt, since: now };
    });
    this.#knownAt = now;
  }
}
