import type pg from 'pg';
import { Prisma } from './generated/client.js';
import type { PreparedStatement, StatementResult } from './statement-group.js';

/** Whatever runs statements: the pool, or one connection of it. */
export type Connection = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>;

export type RunStatement = (statement: PreparedStatement) => Promise<StatementResult>;

/**
 * Names under which PostgreSQL keeps the parsed statements of a connection, by their text. All texts are written in this package, none is
 * made from values, so that they are few.
 */
const names = new Map<string, string>();

export function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `bbb_${names.size + 1}`;
  names.set(text, name);
  return name;
}

/**
 * Statements, prepared once for a connection, and counted: their number must not grow with the number of events. In a transaction those that are asked for
 * before the caller waits go together (`grouped-statements.ts`).
 *
 * They go to the driver itself: a raw query through Prisma's client was measured to cost ten times the processor time, which at some ten
 * statements a batch was most of what a worker did (docs/decisions/batch-statements.md).
 */
export class Statements {
  readonly #run: RunStatement;
  readonly #signal: AbortSignal | undefined;
  #count = 0;

  constructor(run: RunStatement, signal?: AbortSignal) {
    this.#run = run;
    this.#signal = signal;
  }

  /** Each in a message of its own. */
  static on(connection: Connection): Statements {
    return new Statements(async ({ name, text, values }) => {
      const { rows, rowCount } = await connection.query({ name, text, values: [...values] });
      return { rows, rowCount: rowCount ?? 0 };
    });
  }

  get count(): number {
    return this.#count;
  }

  /** `bigint` and `numeric` columns come as texts, `timestamptz` as Dates, `bytea` as Buffers, JSON parsed. */
  async query<Row>(statement: Prisma.Sql): Promise<Row[]> {
    return (await this.#ask(statement)).rows as Row[];
  }

  /** Gives the number of rows affected. */
  async execute(statement: Prisma.Sql): Promise<number> {
    return (await this.#ask(statement)).rowCount;
  }

  /**
   * A statement of a transaction that changes rows, of which there have to be `count`: with fewer it fails, so that nothing runs that is asked for
   * together with it.
   *
   * @throws LockPlanOutdatedError
   */
  async executeAll(count: number, statement: Prisma.Sql): Promise<void> {
    // Divided by zero where rows are missing, as nothing else in a transaction is: plain SQL has no plainer way to fail.
    await this.#ask(Prisma.sql`
      WITH changed AS (${statement} RETURNING 1) SELECT 1 / (count(*) = ${count}::int)::int AS whole FROM changed`);
  }

  async #ask({ text, values }: Prisma.Sql): Promise<StatementResult> {
    this.#signal?.throwIfAborted();
    this.#count += 1;
    return this.#run({ name: nameOf(text), text, values });
  }
}

/** Many rows as one parameter, for `jsonb_to_recordset`. Ids are strings and times ISO strings: PostgreSQL reads them exactly. */
export function asJson(rows: unknown): Prisma.Sql {
  return Prisma.sql`${JSON.stringify(rows)}::jsonb`;
}

/** Unix ms as PostgreSQL reads it exactly. @throws RangeError where it is no time. */
export function isoTime(ms: number): string;
export function isoTime(ms: number | null): string | null;
export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** A `timestamptz` column as unix ms. */
export function asMs(column: string): Prisma.Sql {
  return Prisma.raw(`(extract(epoch FROM ${column}) * 1000)::float8`);
}
