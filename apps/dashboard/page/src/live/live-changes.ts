import type { QueryClient } from '@tanstack/react-query';

/** How often what a busy meeting changes is read again at most, by the first part of its key. */
const PACE_MS = { meeting: 1_000, meetings: 2_000, kpis: 2_000, timeline: 4_000, attendance: 5_000 } as const;
type Kind = keyof typeof PACE_MS;
const KINDS = Object.keys(PACE_MS) as readonly Kind[];
/** Those whose keys have the meeting's id as their second part. */
const OF_ONE_MEETING: ReadonlySet<Kind> = new Set(['meeting', 'timeline']);

/**
 * Reads anew what a change made old: at once, then no more often than its kind's pace, and never while the answer before is still awaited. The
 * last change is always followed by a read that began after it.
 */
export class LiveChanges {
  readonly #client: QueryClient;
  readonly #waiting = new Map<string, readonly unknown[]>();
  readonly #busy = new Set<string>();
  #ended = false;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  changed(meetingId: string): void {
    for (const kind of KINDS) this.#read(kind, OF_ONE_MEETING.has(kind) ? [kind, meetingId] : [kind]);
  }

  /** Anything may have changed. */
  all(): void {
    for (const kind of KINDS) this.#read(kind, [kind]);
  }

  end(): void {
    this.#ended = true;
  }

  #read(kind: Kind, key: readonly unknown[]): void {
    const name = key.join(' ');
    this.#waiting.set(name, key);
    if (!this.#busy.has(name)) void this.#readNow(kind, name);
  }

  async #readNow(kind: Kind, name: string): Promise<void> {
    const key = this.#waiting.get(name);
    if (key === undefined || this.#ended) return;
    this.#waiting.delete(name);
    this.#busy.add(name);
    const pace = new Promise((done) => setTimeout(done, PACE_MS[kind]));
    // Failures are told by the queries themselves.
    await this.#client.invalidateQueries({ queryKey: key });
    await pace;
    this.#busy.delete(name);
    await this.#readNow(kind, name);
  }
}
