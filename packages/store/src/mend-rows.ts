import { type ColumnDifference, compareRows } from './compare-rows.js';
import type { Prisma } from './generated/client.js';
import { deleteRows, type FoldedTable, type Row, upsertRows } from './rows.js';
import type { Statements } from './statements.js';

/** One thing in which a stored row is not what the journal folds to. */
export interface Difference {
  /** `conference_event` where an occurrence has no journal to fold. */
  readonly table: FoldedTable | 'conference_event';
  readonly kind: 'differs' | 'missing' | 'surplus';
  /** Of the row; null where it is missing, and of a table without ids. */
  readonly id: string | null;
  /** Id of the row's participant; null where the row is nobody's, and while the participant is missing too. */
  readonly participant: string | null;
  readonly ordinal: number | null;
  /** Null where the whole row is missing or surplus. */
  readonly column: string | null;
  /** As JSON. */
  readonly stored: unknown;
  readonly folded: unknown;
}

export interface Mending {
  readonly table: FoldedTable;
  /** Columns of a unique index by which rows are found. */
  readonly key: readonly string[];
  /** Columns by which a row that is there is deleted; never null. */
  readonly identifiedBy: readonly string[];
  /** The rows as they ought to be, all with the same columns. */
  readonly folded: readonly Row[];
  /** Which rows of the table, called `s`, ought to be these and no others. */
  readonly among: Prisma.Sql;
  /** Whether a difference counts as one; all do where it is left out. */
  readonly counts?: (difference: ColumnDifference) => boolean;
}

/** Compares rows, and unless `dryRun` writes those that differ: what is equal is left alone. */
export async function mendRows(db: Statements, mending: Mending, dryRun: boolean): Promise<Difference[]> {
  const { table, key, folded, among, counts = () => true } = mending;
  const columns = Object.keys(folded[0] ?? {});
  const differences: Difference[] = [];
  const wanted: Row[] = [];
  const surplus: Row[] = [];
  for (const row of await compareRows(db, table, key, folded, among)) {
    if (row.kind === 'surplus') {
      surplus.push(row.stored);
      differences.push(differenceOf(table, 'surplus', row.stored));
    } else if (row.kind === 'missing') {
      wanted.push(pick(row.folded, columns));
      differences.push(differenceOf(table, 'missing', { ...row.folded, id: null }));
    } else {
      const counted = row.columns.filter(counts);
      if (counted.length > 0) wanted.push(pick(row.folded, columns));
      differences.push(...counted.map((column) => ({ ...differenceOf(table, 'differs', row.stored), ...column })));
    }
  }
  if (!dryRun) {
    await deleteRows(db, table, mending.identifiedBy, surplus);
    await upsertRows(db, table, key, wanted);
  }
  return differences;
}

export function differenceOf(table: Difference['table'], kind: Difference['kind'], row: Row): Difference {
  const participant = table === 'participant' ? row['id'] : row['participant_id'];
  const ordinal = row['ordinal'];
  return {
    table,
    kind,
    id: idOf(row['id']),
    participant: idOf(participant),
    ordinal: typeof ordinal === 'number' ? ordinal : null,
    column: null,
    stored: null,
    folded: null,
  };
}

function idOf(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : null;
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}
