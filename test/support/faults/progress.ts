import type { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';
import pg from 'pg';

const LOOK_MS = 100;

/** Watches how the journal grows while there is something to be applied. */
export class Progress {
  readonly #bbb: SimulatedBbb;
  readonly #databaseUrl: string;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #applied = 0;
  /** When the journal last grew, or last held all that was acknowledged. */
  #since = performance.now();
  #longest = 0;

  constructor(bbb: SimulatedBbb, databaseUrl: string) {
    this.#bbb = bbb;
    this.#databaseUrl = databaseUrl;
    this.#watching = this.#watch();
  }

  /** Events in the journal, as it was last seen. */
  get applied(): number {
    return this.#applied;
  }

  /** The longest time so far, in ms, in which nothing was applied although something was acknowledged. */
  get longestMs(): number {
    return this.#longest;
  }

  /** Safe to call twice; gives {@link longestMs}. */
  async stop(): Promise<number> {
    this.#stopping.abort();
    await this.#watching;
    return this.#longest;
  }

  async #watch(): Promise<void> {
    let client: pg.Client | undefined;
    while (!this.#stopping.signal.aborted) {
      try {
        client ??= await this.#connect();
        const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM conference_event');
        this.#note(rows[0]?.count ?? 0);
      } catch {
        // The database is away: while it is, nothing is applied, and the next look that gets through tells for how long.
        client?.end().catch(() => undefined);
        client = undefined;
      }
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
    await client?.end().catch(() => undefined);
  }

  #note(count: number): void {
    const now = performance.now();
    if (count > this.#applied || count >= this.#bbb.acknowledged().length) {
      this.#longest = Math.max(this.#longest, count > this.#applied ? now - this.#since : 0);
      this.#since = now;
    } else this.#longest = Math.max(this.#longest, now - this.#since);
    this.#applied = count;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#databaseUrl, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
