import { binaryArray, type ColumnType } from './binary-array.js';
import { Prisma } from './generated/client.js';
import { bytesOf } from './rows.js';
import { isoTime } from './statements.js';

/** Columns by their names, with their types; the names are fixed in this package, never made from values. */
export type ColumnTypes = Readonly<Record<string, ColumnType>>;

/** What a column holds: ids as texts of digits, times as unix ms, bytes as hex digits, of `jsonb` the value itself. Undefined is null. */
export type RowOf<Types extends ColumnTypes> = { readonly [Name in keyof Types]: unknown };

/**
 * Rows as a table called `name` in FROM, each column one array parameter: `unnest` was measured to cost PostgreSQL half of what
 * `jsonb_to_recordset` does. Rows come in their order.
 */
export function rowsAs<Types extends ColumnTypes>(name: string, types: Types, rows: readonly RowOf<Types>[]): Prisma.Sql {
  const columns = Object.entries(types);
  const arrays = columns.map(
    ([column, type]) => Prisma.sql`${binaryArray(type, rows, (row) => row[column])}::${Prisma.raw(type)}[]`,
  );
  const names = columns.map(([column]) => `"${column}"`).join(', ');
  return Prisma.sql`unnest(${Prisma.join(arrays)}) AS ${Prisma.raw(name)}(${Prisma.raw(names)})`;
}

/** Values as one array parameter. */
export function arrayOf(values: readonly unknown[], type: ColumnType): Prisma.Sql {
  return Prisma.sql`${binaryArray(type, values, (value) => value)}::${Prisma.raw(type)}[]`;
}

/** The same row as JSON that PostgreSQL reads into columns of these types. */
export function asJsonRow<Types extends ColumnTypes>(types: Types, row: RowOf<Types>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(types).map(([column, type]) => [column, jsonValue(type, row[column])]));
}

function jsonValue(type: ColumnType, value: unknown): unknown {
  if (type === 'timestamptz' && typeof value === 'number') return isoTime(value);
  if (type === 'bytea' && typeof value === 'string') return bytesOf(value);
  return value;
}
