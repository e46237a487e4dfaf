import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { HookRecords } from './hook-records.js';
import { Statements } from './statements.js';

/** First half of the advisory lock's number; the second is the access URL's id. */
const LOCK = 1_651_994_475;
const RETRY_MS = 100;

/**
 * What is written down of hooks, and the lock under which they are changed (docs/hooks.md, "Several at once"). The lock belongs to a
 * connection and not to a transaction: what was done on a BBB server is written down at once, whatever fails after it.
 */
export class HookLedger {
  readonly #store: Store;
  /** The last who came in this process, by access URL: a process holds one connection for each at most, however many wait. */
  readonly #turns = new Map<number, Promise<unknown>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** For reading, on any connection. */
  records(accessUrlId: number): HookRecords {
    return new HookRecords(this.#store.statements, accessUrlId);
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
    const before = this.#turns.get(accessUrlId) ?? Promise.resolve();
    const turn = before.then(
      () => this.#locked(accessUrlId, waitMs, work),
      () => this.#locked(accessUrlId, waitMs, work),
    );
    this.#turns.set(accessUrlId, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(accessUrlId) === turn) this.#turns.delete(accessUrlId);
    }
  }

  async #locked<T>(
    accessUrlId: number,
    waitMs: number,
    work: (records: HookRecords) => Promise<T>,
  ): Promise<{ readonly result: T } | null> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const outcome = await this.#tryLocked(accessUrlId, work);
      if (outcome !== null || performance.now() >= deadline) return outcome;
      await delay(RETRY_MS);
    }
  }

  async #tryLocked<T>(accessUrlId: number, work: (records: HookRecords) => Promise<T>): Promise<{ readonly result: T } | null> {
    const client = await this.#store.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    // A connection that ends between two statements tells it only so; its lock goes with it, and the next statement fails.
    client.on('error', onError);
    const db = new Statements(client);
    let locked = false;
    try {
      const [lock] = await db.query<{ taken: boolean }>(
        Prisma.sql`SELECT pg_try_advisory_lock(${LOCK}::int, ${accessUrlId}::int) AS taken`,
      );
      locked = lock?.taken ?? false;
      return locked ? { result: await work(new HookRecords(db, accessUrlId)) } : null;
    } finally {
      if (locked) {
        await db.query(Prisma.sql`SELECT pg_advisory_unlock(${LOCK}::int, ${accessUrlId}::int)`).catch((error: unknown) => {
          // The connection is closed then, which unlocks it.
          broken = error instanceof Error ? error : new Error(String(error));
        });
      }
      client.off('error', onError);
      client.release(broken);
    }
  }
}
