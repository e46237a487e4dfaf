import { Prisma } from './generated/client.js';
import { type FoldedTable, type Row, recordsOf } from './rows.js';
import { asJson, type Statements } from './statements.js';

/** A column whose stored value is not the folded one; both as JSON. */
export interface ColumnDifference {
  readonly column: string;
  readonly stored: unknown;
  readonly folded: unknown;
}

/** A row that is not as it was folded. */
export type RowDifference =
  | { readonly kind: 'differs'; readonly stored: Row; readonly folded: Row; readonly columns: readonly ColumnDifference[] }
  | { readonly kind: 'missing'; readonly folded: Row }
  | { readonly kind: 'surplus'; readonly stored: Row };

/**
 * Compares rows as they were folded with those of `table` that `among` selects (`s` is the table), by the columns of `key`.
 * PostgreSQL compares, in the columns' own types, every column that the folded rows have; what is equal is not sent.
 */
export async function compareRows(
  db: Statements,
  table: FoldedTable,
  key: readonly string[],
  folded: readonly Row[],
  among: Prisma.Sql,
): Promise<RowDifference[]> {
  const columns = asJson(Object.keys(folded[0] ?? {}));
  const onKey = Prisma.raw(key.map((column) => `f.${column} = s.${column}`).join(' AND '));
  const found = await db.query<{
    stored: Row | null;
    folded: Row | null;
    columns: readonly ColumnDifference[] | null;
  }>(Prisma.sql`
    SELECT to_jsonb(s) AS stored, to_jsonb(f) AS folded, d.columns
    FROM ${recordsOf(table, folded)} AS f
    FULL JOIN (SELECT * FROM ${Prisma.raw(table)} s WHERE ${among}) AS s ON ${onKey}
    CROSS JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('column', c.name, 'stored', to_jsonb(s) -> c.name, 'folded', to_jsonb(f) -> c.name)) AS columns
      FROM jsonb_array_elements_text(${columns}) AS c(name)
      WHERE to_jsonb(s) -> c.name IS DISTINCT FROM to_jsonb(f) -> c.name
    ) AS d
    WHERE s IS NULL OR f IS NULL OR d.columns IS NOT NULL`);
  return found.map((row): RowDifference => {
    if (row.stored === null) return { kind: 'missing', folded: row.folded ?? {} };
    if (row.folded === null) return { kind: 'surplus', stored: row.stored };
    return { kind: 'differs', stored: row.stored, folded: row.folded, columns: row.columns ?? [] };
  });
}
