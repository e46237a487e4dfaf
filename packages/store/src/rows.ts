import { Prisma } from './generated/client.js';
import { asJson, type Statements } from './statements.js';

/** The tables whose rows are folded from the journal. */
export type FoldedTable =
  | 'conference_meeting'
  | 'conference_identity'
  | 'participant'
  | 'conference_activity'
  | 'conference_recording';

/** A row, or a part of one, by the names of its columns: as JSON that PostgreSQL reads into the column's type. */
export type Row = Readonly<Record<string, unknown>>;

/** Bytes as PostgreSQL reads them from a text; the same as it writes them. */
export function bytesOf(hex: string): string;
export function bytesOf(hex: string | null): string | null;
export function bytesOf(hex: string | null): string | null {
  return hex === null ? null : `\\x${hex}`;
}

/** `rows` as a record of `table`, to be used in FROM. Columns that a row leaves out are null. */
export function recordsOf(table: FoldedTable, rows: readonly Row[]): Prisma.Sql {
  return Prisma.sql`jsonb_populate_recordset(NULL::${Prisma.raw(table)}, ${asJson(rows)})`;
}

/** Writes rows that all have the same columns: those of an existing `key`, which a unique index holds, are brought to the new values. */
export async function upsertRows(
  db: Statements,
  table: FoldedTable,
  key: readonly string[],
  rows: readonly Row[],
): Promise<number> {
  const [first] = rows;
  if (first === undefined) return 0;
  const columns = Object.keys(first);
  const names = Prisma.raw(columns.join(', '));
  const values = columns.filter((column) => !key.includes(column)).map((column) => `${column} = EXCLUDED.${column}`);
  return db.execute(Prisma.sql`
    INSERT INTO ${Prisma.raw(table)} (${names})
    SELECT ${names} FROM ${recordsOf(table, rows)}
    ON CONFLICT (${Prisma.raw(key.join(', '))}) DO
      ${values.length === 0 ? Prisma.sql`NOTHING` : Prisma.sql`UPDATE SET ${Prisma.raw(values.join(', '))}`}`);
}

/** Brings rows that are there, by their `id`, to new values; all have the same columns. */
export async function updateRows(db: Statements, table: FoldedTable, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first).filter((column) => column !== 'id');
  await db.execute(Prisma.sql`
    UPDATE ${Prisma.raw(table)} t
    SET ${Prisma.raw(columns.map((column) => `${column} = n.${column}`).join(', '))}
    FROM ${recordsOf(table, rows)} AS n
    WHERE t.id = n.id`);
}

/** Deletes the rows that equal `rows` in the columns of `key`, which are never null. */
export async function deleteRows(
  db: Statements,
  table: FoldedTable,
  key: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.execute(Prisma.sql`
    DELETE FROM ${Prisma.raw(table)} t
    USING ${recordsOf(table, rows)} AS n
    WHERE ${Prisma.raw(key.map((column) => `t.${column} = n.${column}`).join(' AND '))}`);
}
