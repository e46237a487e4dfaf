/** Lets at most `size` pieces of work run at once; those that wait go first come, first served. */
export class RequestSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((taken) => this.#waiting.push(taken));
    try {
      return await work();
    } finally {
      // The slot is handed over, never freed for a newcomer while someone waits.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
