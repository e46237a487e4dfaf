import { Prisma } from './generated/client.js';

/** PostgreSQL's types of the columns that are passed as arrays. */
export type ColumnType = 'bigint' | 'boolean' | 'bytea' | 'int' | 'jsonb' | 'text' | 'timestamptz' | 'xid';

/** Columns by their names, with their types; the names are fixed in this package, never made from values. */
export type ColumnTypes = Readonly<Record<string, ColumnType>>;

/**
 * What a column holds, as PostgreSQL reads it from a text: ids as texts of digits, times as ISO texts, bytes as `\x…`; of `jsonb` the value
 * itself. Undefined is null.
 */
export type RowOf<Types extends ColumnTypes> = { readonly [Name in keyof Types]: unknown };

/**
 * Rows as a table called `name` in FROM, each column one array parameter: `unnest` was measured to cost PostgreSQL half of what
 * `jsonb_to_recordset` does. Rows come in their order.
 */
export function rowsAs<Types extends ColumnTypes>(name: string, types: Types, rows: readonly RowOf<Types>[]): Prisma.Sql {
  const columns = Object.entries(types);
  const arrays = columns.map(([column, type]) => {
    const literal = arrayLiteral(
      rows.map((row) => row[column]),
      type,
    );
    return Prisma.sql`${literal}::${Prisma.raw(type)}[]`;
  });
  const names = columns.map(([column]) => `"${column}"`).join(', ');
  return Prisma.sql`unnest(${Prisma.join(arrays)}) AS ${Prisma.raw(name)}(${Prisma.raw(names)})`;
}

/** Values as one array parameter. */
export function arrayOf(values: readonly unknown[], type: ColumnType): Prisma.Sql {
  return Prisma.sql`${arrayLiteral(values, type)}::${Prisma.raw(type)}[]`;
}

/** Types whose values are written without a character that means something in an array. */
const PLAIN: ReadonlySet<ColumnType> = new Set(['bigint', 'boolean', 'int', 'timestamptz', 'xid']);

/** The text form of an array (PostgreSQL manual, "Array Value Input"). Texts are quoted, so that none is taken for syntax or for null. */
function arrayLiteral(values: readonly unknown[], type: ColumnType): string {
  const plain = PLAIN.has(type);
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (index > 0) text += ',';
    if (value === null || value === undefined) text += 'NULL';
    else if (plain) text += value;
    else text += `"${quoted(type === 'jsonb' ? JSON.stringify(value) : String(value))}"`;
  }
  return `${text}}`;
}

function quoted(text: string): string {
  return text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text;
}
