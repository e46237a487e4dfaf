import type pg from 'pg';
import type { Store } from './client.js';
import { GroupedStatements } from './grouped-statements.js';
import { connectLive } from './live-connection.js';
import { LockPlanOutdatedError } from './lock-plan-outdated.js';
import { Statements } from './statements.js';

/** A plan is outdated when another transaction changed the same rows first; each time at least one of them got through. */
const MAX_ATTEMPTS = 20;

/** Folding a whole meeting again takes seconds; a transaction that takes longer than this hangs. */
const TIMEOUT_MS = 60_000;

/**
 * Between two statements there is some folding at most. Where a network fails without a word several transactions may wait for each other's locks, each
 * ended by PostgreSQL only so long after it got its own: three of them within the time after which those who wait give up.
 */
const SILENCE_MS = 20_000;

const IN_TURN = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const OF_ONE_MOMENT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/**
 * What holds in a transaction, from its begin on.
 *
 * - A statement's plan is made once for a connection, perhaps while the tables are empty, and kept: without `enable_seqscan` it would go on reading whole
 *   tables that have grown meanwhile, until PostgreSQL analyses them. All that is asked in transactions has an index.
 * - A network that fails without a word leaves PostgreSQL with a transaction of nobody, whose locks others would wait for until TCP finds out, in hours. It
 *   ends one that says nothing for {@link SILENCE_MS}.
 */
const SETTINGS = `SELECT set_config('enable_seqscan', 'off', true), set_config('idle_in_transaction_session_timeout', '${SILENCE_MS}', true)`;

/** A server that answers at all answers this at once. */
const ROLLBACK_MS = 5_000;

/** A transaction did not end in time; its connection was closed, so that PostgreSQL rolls it back. */
export class TransactionTimeoutError extends Error {
  readonly code = 'transaction_timeout';

  constructor(ms: number) {
    super(`the transaction did not end within ${ms} ms`);
    this.name = 'TransactionTimeoutError';
  }
}

/** How often a transaction was started: the second time and later it must take nothing for granted. */
export interface Attempt {
  readonly number: number;
}

/** Counts transactions, those that were rolled back too. */
export interface TransactionMeter {
  begun: number;
}

export interface TransactionOptions {
  readonly meter?: TransactionMeter | undefined;
  /** Waited for before a transaction is started again, so that it does not come faster than it may. */
  readonly beforeAgain?: (() => Promise<void>) | undefined;
  /** Aborted, it rolls the transaction back before its next statement, and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/**
 * Runs `work` in one READ COMMITTED transaction, again from the start where its plan of locks was outdated.
 *
 * @throws what `work` throws, what the driver throws, and TransactionTimeoutError
 */
export async function inTransaction<T>(
  store: Store,
  work: (db: Statements, attempt: Attempt) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await run(store, IN_TURN, (db) => work(db, { number }), options);
    } catch (error) {
      if (!(error instanceof LockPlanOutdatedError) || number >= MAX_ATTEMPTS) throw error;
      await options.beforeAgain?.();
    }
  }
}

/** Runs `work` on one snapshot of the database: it sees one moment, takes no lock, and must not write. */
export async function inSnapshot<T>(store: Store, work: (db: Statements) => Promise<T>): Promise<T> {
  return run(store, OF_ONE_MOMENT, work, {});
}

async function run<T>(
  store: Store,
  begin: string,
  work: (db: Statements) => Promise<T>,
  { signal, meter, timeoutMs = TIMEOUT_MS }: TransactionOptions,
): Promise<T> {
  const client = await connectLive(store.pool);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TransactionTimeoutError(timeoutMs)), timeoutMs);
  });
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  // A connection that ends between two statements tells it only so; the next statement fails by it.
  client.on('error', onError);
  if (meter !== undefined) meter.begun += 1;
  try {
    return await Promise.race([transact(client, [begin, SETTINGS], work, signal), tooLate]);
  } catch (error) {
    if (error instanceof TransactionTimeoutError) broken = error;
    else broken ??= isUnprepared(error) ? asError(error) : await rolledBack(client);
    throw error;
  } finally {
    clearTimeout(timer);
    client.off('error', onError);
    // With an error it closes the connection, and whatever still runs on it fails.
    client.release(broken);
  }
}

async function transact<T>(
  client: pg.PoolClient,
  begin: readonly string[],
  work: (db: Statements) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const grouped = new GroupedStatements(client, begin);
  const result = await work(new Statements((statement) => grouped.run(statement), signal)).finally(() => grouped.end());
  if (grouped.hasBegun) await client.query('COMMIT');
  return result;
}

/**
 * SQLSTATEs of a connection whose prepared statements are not what the driver takes them for: unknown, known already, or of another result since a
 * column changed. Only a new connection helps.
 */
const UNPREPARED: ReadonlySet<unknown> = new Set(['26000', '42P05', '0A000']);

function isUnprepared(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && UNPREPARED.has(error.code);
}

/** The error that makes a connection unfit for others: whoever gets it next must not be in this transaction. */
async function rolledBack(client: pg.PoolClient): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new TransactionTimeoutError(ROLLBACK_MS)), ROLLBACK_MS);
  });
  const done = client.query('ROLLBACK').then(() => undefined, asError);
  try {
    return await Promise.race([done, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
