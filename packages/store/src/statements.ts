import type pg from 'pg';
import { Prisma } from './generated/client.js';

/** Whatever runs statements: the pool, or one connection of it in a transaction. */
export type Connection = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>;

/**
 * Names under which PostgreSQL keeps the parsed statements of a connection, by their text. All texts are written in this package, none is
 * made from values, so that they are few.
 */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `bbb_${names.size + 1}`;
  names.set(text, name);
  return name;
}

/**
 * Statements on one connection, prepared once, and counted: their number must not grow with the number of events.
 *
 * They go to the driver itself: a raw query through Prisma's client was measured to cost ten times the processor time, which at some ten
 * statements a batch was most of what a worker did (docs/decisions/batch-statements.md).
 */
export class Statements {
  readonly #connection: Connection;
  readonly #signal: AbortSignal | undefined;
  #count = 0;

  constructor(connection: Connection, signal?: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  get count(): number {
    return this.#count;
  }

  /** `bigint` and `numeric` columns come as texts, `timestamptz` as Dates, `bytea` as Buffers, JSON parsed. */
  async query<Row>(statement: Prisma.Sql): Promise<Row[]> {
    return (await this.#run(statement)).rows as Row[];
  }

  /** Gives the number of rows affected. */
  async execute(statement: Prisma.Sql): Promise<number> {
    return (await this.#run(statement)).rowCount ?? 0;
  }

  async #run(statement: Prisma.Sql): Promise<pg.QueryResult> {
    this.#signal?.throwIfAborted();
    this.#count += 1;
    const { text } = statement;
    return this.#connection.query({ name: nameOf(text), text, values: statement.values });
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
