import { once } from 'node:events';
import type { Heads, Place } from './heads.js';

/** So far apart, by when their jobs were queued, partitions may be, in ms. */
const LEAD_MS = 250;
/** A batch waits no longer for others, in ms: a partition that is stuck makes the others slower, and stops none. */
const MOST_HOLD_MS = 1_000;
/** So long after a batch the next one of a backlog is expected, in ms. */
const NEXT_WITHIN_MS = 1_000;

const NONE: ReadonlyMap<number, Place> = new Map();

export interface PaceOptions {
  readonly leadMs?: number;
  readonly mostHoldMs?: number;
  /** Of the partitions of all processes. Default: nothing is known of others. */
  readonly heads?: Heads | null;
}

/**
 * Has the partitions of all processes go through a backlog side by side. A person who comes back has another partition perhaps: where that one is ahead of
 * the former, two batches write the same rows, and what comes late of the former has whole histories read again, which holds it up even more
 * (docs/decisions/pace.md).
 */
export class Pace {
  readonly #leadMs: number;
  readonly #mostHoldMs: number;
  readonly #places = new Map<number, Place>();
  readonly #held = new Set<() => void>();
  readonly #heads: Heads | null;

  constructor({ leadMs = LEAD_MS, mostHoldMs = MOST_HOLD_MS, heads = null }: PaceOptions = {}) {
    this.#leadMs = leadMs;
    this.#mostHoldMs = mostHoldMs;
    this.#heads = heads;
  }

  /** A partition has a job in hand that was queued at `queuedAt`, unix ms. Resolves when it is not far ahead of another, or has waited enough, or on abort. */
  async begin(partition: number, queuedAt: number, signal: AbortSignal): Promise<void> {
    this.#put(partition, { queuedAt, until: Number.POSITIVE_INFINITY });
    const end = performance.now() + this.#mostHoldMs;
    for (;;) {
      // A backlog's alone: who is with the present asks nobody, and waits for what is known here.
      const others = Date.now() - queuedAt > this.#leadMs ? await this.#look(end, signal) : NONE;
      const now = performance.now();
      // What is known here of a partition counts for as long as it is in hand, or about to be: then another process may have it.
      const own = [...this.#places].filter(([, { until }]) => until > now);
      const places = [...new Map([...others, ...own]).values()];
      const behind = places.filter((place) => place.queuedAt < queuedAt - this.#leadMs);
      if (behind.length === 0 || now >= end || signal.aborted) return;
      await this.#change(Math.min(end, ...behind.map(({ until }) => until)) - now, signal);
    }
  }

  /** Nobody waits for the partition any more: it has nothing to do, or its batch failed, and when it goes on is not known. */
  leave(partition: number): void {
    this.#places.delete(partition);
    this.#tell();
  }

  /** The job in hand is done. @param hasMore whether another one is expected at once */
  end(partition: number, hasMore: boolean): void {
    const place = this.#places.get(partition);
    if (place === undefined || !hasMore) this.leave(partition);
    else this.#put(partition, { ...place, until: performance.now() + NEXT_WITHIN_MS });
  }

  #put(partition: number, place: Place): void {
    this.#places.set(partition, place);
    this.#tell();
  }

  /** For no longer than a batch waits: a queue's store that hangs answers late, or never. */
  async #look(end: number, signal: AbortSignal): Promise<ReadonlyMap<number, Place>> {
    if (this.#heads === null || signal.aborted) return NONE;
    const over = new AbortController();
    const stop = () => over.abort();
    signal.addEventListener('abort', stop);
    const timer = setTimeout(stop, Math.max(0, end - performance.now()));
    try {
      return await Promise.race([this.#heads.look(), once(over.signal, 'abort').then(() => NONE)]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  #tell(): void {
    for (const wake of [...this.#held]) wake();
  }

  /** Resolves with the next change, after `ms`, or on abort. */
  #change(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#held.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(1, Math.ceil(ms)));
      signal.addEventListener('abort', wake);
      this.#held.add(wake);
    });
  }
}
