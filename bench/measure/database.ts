import pg from 'pg';
import type { Percentiles } from '../load/phase.js';
import type { PostgresServer } from '../servers/postgres.js';
import { until } from '../until.js';

/** A transaction that brought events, and when it committed (unix ms). */
export interface Commit {
  readonly at: number;
  readonly events: number;
}

/** What a window of time left in the journal. Times are unix ms. */
export interface JournalWindow {
  readonly events: number;
  /** From the event's own time, which is when it should have been sent, to its commit. */
  readonly rowMs: Percentiles;
  readonly lastCommitAt: number;
  /** Transactions that brought an event, in the order in which they committed. */
  readonly commits: readonly Commit[];
  /** The most of them within any second. */
  readonly worstSecond: number;
}

const COMMITTED = `
  SELECT xmin::text AS transaction, extract(epoch FROM at) * 1000 AS at_ms, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS row_ms
  FROM conference_event WHERE at >= to_timestamp($1::float8 / 1000) AND at < to_timestamp($2::float8 / 1000)`;

const YEAR_3000 = 32_503_680_000_000;

/**
 * Reads from commit times what became of the events from `since` to `before` (unix ms). Null where there is none.
 *
 * @throws Error where a commit's time is not known any more: then the figures would be of the others alone
 */
export async function readJournal(databaseUrl: string, since: number, before = YEAR_3000): Promise<JournalWindow | null> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<string, string | null>>(
      `WITH committed AS (${COMMITTED})
       SELECT count(*) AS events, count(row_ms) AS timed, max(row_ms) AS last, max(row_ms - at_ms) AS max,
              percentile_disc(0.5) WITHIN GROUP (ORDER BY row_ms - at_ms) AS p50,
              percentile_disc(0.99) WITHIN GROUP (ORDER BY row_ms - at_ms) AS p99
       FROM committed`,
      [since, before],
    );
    const found = (name: string) => Number(rows[0]?.[name] ?? 0);
    if (found('events') === 0) return null;
    if (found('timed') !== found('events')) throw new Error('the commit times of some rows are not known');
    const { rows: commits } = await client.query<{ row_ms: string; events: string }>(
      `SELECT min(row_ms) AS row_ms, count(*) AS events FROM (${COMMITTED}) AS committed GROUP BY transaction ORDER BY 1`,
      [since, before],
    );
    return {
      events: found('events'),
      rowMs: { p50: found('p50'), p99: found('p99'), max: found('max') },
      lastCommitAt: found('last'),
      commits: commits.map(({ row_ms, events }) => ({ at: Number(row_ms), events: Number(events) })),
      worstSecond: mostWithinASecond(commits.map(({ row_ms }) => Number(row_ms))),
    };
  });
}

/** All events that are journalled. */
export async function countJournal(databaseUrl: string): Promise<number> {
  return countOf(databaseUrl, 'SELECT count(*) AS count FROM conference_event');
}

/** Chat messages as the rows count them, whoever wrote the rows. */
export async function countMessages(databaseUrl: string): Promise<number> {
  return countOf(databaseUrl, `SELECT coalesce(sum((metrics->'counts'->>'messages')::int), 0) AS count FROM conference_activity`);
}

/** Rows inserted, updated and deleted so far, by table of the product. Right only while nothing is connected: see {@link disconnected}. */
export async function countWrites(databaseUrl: string): Promise<Readonly<Record<string, number>>> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ name: string; count: string }>(
      `SELECT relname AS name, n_tup_ins + n_tup_upd + n_tup_del AS count FROM pg_stat_user_tables WHERE schemaname = 'public'`,
    );
    return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
  });
}

/** Transactions of a database so far, those that only read and those rolled back included. Right only while nothing is connected. */
export async function countTransactions(
  { admin }: PostgresServer,
  database: string,
): Promise<{ readonly all: number; readonly rolledBack: number }> {
  const { rows } = await admin.query<{ all: string; back: string }>(
    'SELECT xact_commit + xact_rollback AS all, xact_rollback AS back FROM pg_stat_database WHERE datname = $1',
    [database],
  );
  return { all: Number(rows[0]?.all ?? 0), rolledBack: Number(rows[0]?.back ?? 0) };
}

/** Write transactions of the whole server so far, without delay: the number that the next one will have. */
export async function nextTransactionId({ admin }: PostgresServer): Promise<number> {
  const { rows } = await admin.query<{ next: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next');
  return Number(rows[0]?.next ?? 0);
}

/** Waits until nobody is connected: a backend hands in its counts when it ends, else up to 10 s late. */
export async function disconnected({ admin }: PostgresServer, database: string): Promise<void> {
  await until(`nobody is connected to ${database}`, async () => {
    const { rows } = await admin.query<{ count: string }>(
      `SELECT count(*) AS count FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
      [database],
    );
    return Number(rows[0]?.count) === 0;
  });
}

/** Events a second after the first commit: what it took to get there is not known. */
export function drainRate(commits: readonly Commit[]): number {
  const [first, ...others] = commits;
  const [start, end] = [first?.at ?? 0, others.at(-1)?.at ?? 0];
  return end > start ? (others.reduce((sum, { events }) => sum + events, 0) * 1_000) / (end - start) : 0;
}

/** `times` in ms, rising. */
export function mostWithinASecond(times: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [index, time] of times.entries()) {
    while (time - (times[from] ?? time) >= 1_000) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

async function countOf(databaseUrl: string, query: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ count: string }>(query);
    return Number(rows[0]?.count ?? 0);
  });
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
