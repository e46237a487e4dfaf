/** Repeatable choices: one seed makes the same choices on every machine. The generator is mulberry32, of 32 bits. */
export class SeededRandom {
  #state: number;

  /** `seed`: a whole number from 0 to 2^53 - 1. */
  constructor(seed: number) {
    // Both halves count, and neighbouring seeds begin far apart.
    this.#state = mix((seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) + 0x9e3779b9));
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Throws RangeError where there is nothing to choose from. */
  pick<T>(items: readonly T[]): T {
    const index = this.integer(0, items.length - 1);
    for (const item of items.slice(index, index + 1)) return item;
    throw new RangeError('nothing to choose from');
  }

  /** Up to `most` different whole numbers from `low` to `high`, rising. */
  integers(most: number, low: number, high: number): number[] {
    if (high < low) return [];
    const found = new Set(Array.from({ length: this.integer(0, most) }, () => this.integer(low, high)));
    return [...found].sort((a, b) => a - b);
  }

  /** Digits and small letters. */
  text(length: number): string {
    return Array.from({ length }, () => this.integer(0, 35).toString(36)).join('');
  }
}

function mix(state: number): number {
  let bits = Math.imul(state ^ (state >>> 15), state | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return (bits ^ (bits >>> 14)) >>> 0;
}
