import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { HookRecords } from './hook-records.js';
import { connectLive } from './live-connection.js';
import { Statements } from './statements.js';

/** First half of the advisory lock's number; the second is the access URL's id. */
const LOCK = 1_651_994_475;
const RETRY_MS = 100;
/** A look at hooks asks the BBB server between two statements, and is told to stop after 5 minutes (docs/operations.md, "Scheduled jobs"). */
const SILENT_MS = 300_000;

/**
 * What is written down of hooks, and the lock under which they are changed (docs/hooks.md, "Several at once"). The lock belongs to a
 * connection and not to a transaction: what was done on a BBB server is written down at once, whatever fails after it.
 */
export class HookLedger {
  readonly #store: Store;
  readonly #silentMs: number;
  /** The last who came in this process, by access URL: a process holds one connection for each at most, however many wait. */
  readonly #turns = new Map<number, Promise<unknown>>();

  /** @param silentMs how long PostgreSQL waits for the next statement of who holds the lock, before it takes it away; default 300,000 */
  constructor(store: Store, { silentMs = SILENT_MS }: { readonly silentMs?: number } = {}) {
    this.#store = store;
    this.#silentMs = silentMs;
  }

  /** For reading, on any connection. */
  records(accessUrlId: number): HookRecords {
    return new HookRecords(this.#store.statements, accessUrlId);
  }

  async accessUrls(): Promise<number[]> {
    const rows = await this.#store.statements.query<{ id: number }>(
      Prisma.sql`SELECT DISTINCT access_url_id AS id FROM webhook_hook ORDER BY 1`,
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Runs `work` while no other process does so for this access URL.
   *
   * @param waitMs how long to wait for the others
   * @returns null where they were not done in that time
   */
  async exclusively<T>(
    accessUrlId: number,
    waitMs: number,
    work: (records: HookRecords) => Promise<T>,
  ): Promise<{ readonly result: T } | null> {
    const deadline = performance.now() + waitMs;
    const waiting = { since: 'before' as 'before' | 'in turn' | 'given up' };
    const before = this.#turns.get(accessUrlId);
    const inTurn = async () => {
      if (waiting.since === 'given up') return null;
      waiting.since = 'in turn';
      return this.#locked(accessUrlId, deadline, work);
    };
    const turn = before === undefined ? inTurn() : before.then(inTurn, inTurn);
    this.#turns.set(accessUrlId, turn);
    const done = () => {
      if (this.#turns.get(accessUrlId) === turn) this.#turns.delete(accessUrlId);
    };
    turn.then(done, done);
    if (before === undefined) return turn;
    // Those of this process count as others do: the wait is bounded from the call on, and not from one's turn.
    const timer = new AbortController();
    const tooLate = delay(waitMs, null, { signal: timer.signal }).then(
      () => {
        if (waiting.since !== 'before') return turn;
        waiting.since = 'given up';
        return null;
      },
      () => turn,
    );
    try {
      return await Promise.race([turn, tooLate]);
    } finally {
      timer.abort();
    }
  }

  async #locked<T>(
    accessUrlId: number,
    deadline: number,
    work: (records: HookRecords) => Promise<T>,
  ): Promise<{ readonly result: T } | null> {
    for (;;) {
      const outcome = await this.#tryLocked(accessUrlId, work);
      if (outcome !== null || performance.now() >= deadline) return outcome;
      await delay(RETRY_MS);
    }
  }

  async #tryLocked<T>(accessUrlId: number, work: (records: HookRecords) => Promise<T>): Promise<{ readonly result: T } | null> {
    const client = await connectLive(this.#store.pool);
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    // A connection that ends between two statements tells it only so; its lock goes with it, and the next statement fails.
    client.on('error', onError);
    const db = Statements.on(client);
    let locked = false;
    try {
      const [lock] = await db.query<{ taken: boolean }>(
        Prisma.sql`SELECT pg_try_advisory_lock(${LOCK}::int, ${accessUrlId}::int) AS taken`,
      );
      locked = lock?.taken ?? false;
      // The network may fail without a word: PostgreSQL would keep the lock for a process that is not there, until TCP finds out hours later.
      if (locked) await db.query(Prisma.sql`SELECT set_config('idle_session_timeout', ${String(this.#silentMs)}, false)`);
      return locked ? { result: await work(new HookRecords(db, accessUrlId)) } : null;
    } finally {
      if (locked) {
        const unlock = Prisma.sql`SELECT pg_advisory_unlock(${LOCK}::int, ${accessUrlId}::int), set_config('idle_session_timeout', '0', false)`;
        await db.query(unlock).catch((error: unknown) => {
          // The connection is closed then, which unlocks it.
          broken = error instanceof Error ? error : new Error(String(error));
        });
      }
      client.off('error', onError);
      client.release(broken);
    }
  }
}
