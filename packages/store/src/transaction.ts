import type { Store } from './client.js';
import { LockPlanOutdatedError } from './lock-occurrences.js';
import { Statements } from './statements.js';

/** A plan is outdated when another transaction changed the same rows first; each time at least one of them got through. */
const MAX_ATTEMPTS = 20;

/** Time to get a connection of the pool. */
const MAX_WAIT_MS = 10_000;

/** Folding a whole meeting again takes seconds; a transaction that takes longer than this hangs. */
const TIMEOUT_MS = 120_000;

/**
 * Runs `work` in one READ COMMITTED transaction, again from the start where its plan of locks was outdated.
 *
 * @param signal aborted, it rolls the transaction back before its next statement, and its reason is thrown
 */
export async function inTransaction<T>(store: Store, work: (db: Statements) => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await store.prisma.$transaction((transaction) => work(new Statements(transaction, signal)), {
        isolationLevel: 'ReadCommitted',
        maxWait: MAX_WAIT_MS,
        timeout: TIMEOUT_MS,
      });
    } catch (error) {
      if (!(error instanceof LockPlanOutdatedError) || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

/** Runs `work` on one snapshot of the database: it sees one moment, takes no lock, and must not write. */
export async function inSnapshot<T>(store: Store, work: (db: Statements) => Promise<T>): Promise<T> {
  return store.prisma.$transaction((transaction) => work(new Statements(transaction)), {
    isolationLevel: 'RepeatableRead',
    maxWait: MAX_WAIT_MS,
    timeout: TIMEOUT_MS,
  });
}
