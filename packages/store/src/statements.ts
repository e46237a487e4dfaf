import { Prisma } from './generated/client.js';

/** What a transaction can do, as far as it is used here. */
export interface Transaction {
  $queryRaw<T>(query: Prisma.Sql): Promise<T>;
  $executeRaw(query: Prisma.Sql): Promise<number>;
}

/** The statements of one transaction, counted: their number must not grow with the number of events. */
export class Statements {
  readonly #transaction: Transaction;
  readonly #signal: AbortSignal | undefined;
  #count = 0;

  constructor(transaction: Transaction, signal?: AbortSignal) {
    this.#transaction = transaction;
    this.#signal = signal;
  }

  get count(): number {
    return this.#count;
  }

  async query<Row>(statement: Prisma.Sql): Promise<Row[]> {
    this.#signal?.throwIfAborted();
    this.#count += 1;
    return this.#transaction.$queryRaw<Row[]>(statement);
  }

  /** Gives the number of rows affected. */
  async execute(statement: Prisma.Sql): Promise<number> {
    this.#signal?.throwIfAborted();
    this.#count += 1;
    return this.#transaction.$executeRaw(statement);
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
