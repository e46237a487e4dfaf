import type { PassThrough } from 'node:stream';

/** The streams that are open, by the session that asked for them. */
export class LiveStreams {
  /** With the id of the session; null of a bearer token. */
  readonly #open = new Map<PassThrough, string | null>();

  add(stream: PassThrough, sessionId: string | null): void {
    this.#open.set(stream, sessionId);
    stream.once('close', () => this.#open.delete(stream));
  }

  /** Whoever was logged in by it hears of nothing more. */
  endOf(sessionId: string): void {
    for (const [stream, of] of this.#open) if (of === sessionId) stream.end();
  }

  endAll(): void {
    for (const stream of this.#open.keys()) stream.end();
  }
}
