import type { ConnectionId, StreamId } from './meaning.js';

/** One thing that keeps a timer running. */
export type Source = readonly [connection: ConnectionId, stream: StreamId];

/** Told when a timer comes to rest: from when until when it ran, unix ms. */
export type OnRest = (since: number, until: number) => void;

/**
 * One timer of a session: it runs while at least one source is on, so that overlapping sources count once
 * (docs/metrics.md, "Timers"). It runs, `since` is not null, exactly while it has a source.
 */
export class Timer {
  #elapsed: number;
  #since: number | null;
  readonly #onRest: OnRest | undefined;
  readonly #sources = new Map<ConnectionId, Set<StreamId>>();

  constructor(elapsed = 0, since: number | null = null, sources: Iterable<Source> = [], onRest?: OnRest) {
    this.#elapsed = elapsed;
    this.#since = since;
    this.#onRest = onRest;
    for (const [connection, stream] of sources) this.#add(connection, stream);
  }

  /** Finished ms. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** Unix ms since when it runs; null where it does not. */
  get since(): number | null {
    return this.#since;
  }

  get sources(): Source[] {
    return [...this.#sources].flatMap(([connection, streams]) => [...streams].map((stream): Source => [connection, stream]));
  }

  isOn(connection: ConnectionId, stream: StreamId): boolean {
    return this.#sources.get(connection)?.has(stream) ?? false;
  }

  /** Gives whether the start took effect: a start of a running source does not. */
  switchOn(connection: ConnectionId, stream: StreamId, at: number): boolean {
    if (this.isOn(connection, stream)) return false;
    this.#add(connection, stream);
    this.#since ??= at;
    return true;
  }

  switchOff(connection: ConnectionId, stream: StreamId, at: number): void {
    const streams = this.#sources.get(connection);
    if (streams === undefined || !streams.delete(stream)) return;
    if (streams.size === 0) this.#sources.delete(connection);
    this.#restIfSilent(at);
  }

  switchOffConnection(connection: ConnectionId, at: number): void {
    if (this.#sources.delete(connection)) this.#restIfSilent(at);
  }

  switchOffAll(at: number): void {
    this.#sources.clear();
    this.#restIfSilent(at);
  }

  #add(connection: ConnectionId, stream: StreamId): void {
    const streams = this.#sources.get(connection);
    if (streams === undefined) this.#sources.set(connection, new Set([stream]));
    else streams.add(stream);
  }

  #restIfSilent(at: number): void {
    if (this.#sources.size > 0 || this.#since === null) return;
    this.#elapsed += at - this.#since;
    this.#onRest?.(this.#since, at);
    this.#since = null;
  }
}
