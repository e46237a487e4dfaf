/** What a simulated BBB server knows of time: everything in it that waits, waits by this. */
export interface BbbClock {
  /** Unix ms. */
  now(): number;
  /** Runs once, `ms` of this clock later, unless the function that it gives is called before. */
  after(ms: number, run: () => void): () => void;
}

/**
 * A clock that runs `timeScale` times as fast as the real one: at 120 two hours pass in a minute. It shows `startAt` (unix ms; default: the
 * real time) now. Throws RangeError for a scale that is not above 0.
 */
export function scaledClock(timeScale = 1, startAt: number = Date.now()): BbbClock {
  if (!Number.isFinite(timeScale) || timeScale <= 0) throw new RangeError(`timeScale is ${timeScale}: it must be above 0`);
  const begin = performance.now();
  return {
    now: () => Math.floor(startAt + (performance.now() - begin) * timeScale),
    after: (ms, run) => {
      const timer = setTimeout(run, ms / timeScale);
      return () => clearTimeout(timer);
    },
  };
}

/** A clock that stands still until it is told to go on: what is due then runs in the order of its time, before {@link advance} returns. */
export class ManualClock implements BbbClock {
  #now: number;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  /** `startAt`: unix ms. */
  constructor(startAt: number = Date.now()) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Ms until the next timer is due; null where none waits. */
  get nextIn(): number | null {
    const next = this.#next();
    return next === null ? null : Math.max(0, next.at - this.#now);
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#next();
      if (next === null || next.at > until) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }

  #next(): { readonly at: number; readonly run: () => void } | null {
    // Of timers due at one instant the one set first: Array.sort keeps their order.
    return [...this.#timers].sort((a, b) => a.at - b.at)[0] ?? null;
  }
}
