import { isIPv6 } from 'node:net';
import type { Logger } from '@bbb-activity/telemetry/logger';

/** Far above what a learning platform with a wrong secret sends, and far below what fills a disk with log lines. */
export const REFUSALS_A_MINUTE = 300;
const WINDOW_MS = 60_000;
/** Sources that are told apart; all further ones of a minute are counted as one, so that many addresses cannot fill the memory. */
const MOST_SOURCES = 10_000;
const OTHERS = 'others';

export interface RefusedSourcesOptions {
  readonly log: Logger;
  readonly limit?: number;
  readonly mostSources?: number;
  /** Unix ms. */
  readonly clock?: () => number;
}

/**
 * Counts the requests of each source whose signature was wrong (docs/security.md, "Limits on failures"). It is asked after a signature has failed and
 * never before: what is rightly signed is not counted, not delayed and not refused, whoever else sends from the same address.
 */
export class RefusedSources {
  readonly #log: Logger;
  readonly #limit: number;
  readonly #mostSources: number;
  readonly #clock: () => number;
  #counts = new Map<string, number>();
  #since = 0;

  constructor({ log, limit = REFUSALS_A_MINUTE, mostSources = MOST_SOURCES, clock = Date.now }: RefusedSourcesOptions) {
    this.#log = log;
    this.#limit = limit;
    this.#mostSources = mostSources;
    this.#clock = clock;
  }

  /** Counts a refusal; gives for how many seconds more this source is over the limit, or null where it is not. */
  add(address: string): number | null {
    const now = this.#clock();
    if (now - this.#since >= WINDOW_MS || now < this.#since) {
      this.#counts = new Map();
      this.#since = now;
    }
    const named = sourceOf(address);
    const source = this.#counts.has(named) || this.#counts.size < this.#mostSources ? named : OTHERS;
    const count = (this.#counts.get(source) ?? 0) + 1;
    this.#counts.set(source, count);
    if (count <= this.#limit) return null;
    // Once a minute: what is over the limit has no line of its own.
    if (count === this.#limit + 1) {
      this.#log.warn(
        { from: source, limit: this.#limit },
        'too many requests from one source prove nothing: no more of them is logged this minute',
      );
    }
    return Math.max(1, Math.ceil((this.#since + WINDOW_MS - now) / 1_000));
  }
}

/** The address, or the 64 bits of an IPv6 address that a network has for itself: whoever has one has all that begin so. */
function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? before : [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
