import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { openStore, type Store } from '@bbb-activity/store/client';
import type { Difference, RebuildReport } from '@bbb-activity/store/rebuild-occurrence';

/** What was found over all occurrences. */
export interface RebuildTotals {
  occurrences: number;
  sealed: number;
  differences: number;
  /** Occurrences whose journal is missing: nothing can mend these. */
  withoutJournal: number;
}

/** Opens the database at DATABASE_URL for `work`, with one connection. */
export async function withStore(environment: Environment, work: (store: Store) => Promise<void>): Promise<void> {
  const { DATABASE_URL } = readSettings(environment, [], ['DATABASE_URL']);
  const store = openStore({ databaseUrl: DATABASE_URL, maxConnections: 1 });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** Prints each difference as its report comes, and counts. */
export async function printReports(
  reports: AsyncIterable<RebuildReport> | Iterable<RebuildReport>,
  print: (line: string) => void,
): Promise<RebuildTotals> {
  const totals: RebuildTotals = { occurrences: 0, sealed: 0, differences: 0, withoutJournal: 0 };
  for await (const report of reports) {
    totals.occurrences += 1;
    if (report.sealed) totals.sealed += 1;
    totals.differences += report.differences.length;
    if (report.differences.some(({ table }) => table === 'conference_event')) totals.withoutJournal += 1;
    for (const difference of report.differences) print(`meeting ${report.meetingId}: ${lineOf(difference)}`);
  }
  return totals;
}

export function summaryOf({ occurrences, sealed, differences }: RebuildTotals): string {
  return `${occurrences} occurrences, ${sealed} sealed and left out, ${differences} differences`;
}

function lineOf({ table, kind, id, participant, ordinal, column, stored, folded }: Difference): string {
  if (table === 'conference_event') return 'the journal is missing: its rows cannot be compared, and are kept';
  const place = [
    table,
    ...(id === null ? [] : [`row ${id}`]),
    ...(participant === null || table === 'participant' ? [] : [`participant ${participant}`]),
    ...(ordinal === null ? [] : [`session ${ordinal}`]),
  ].join(', ');
  if (column === null) return `${place}: ${kind}`;
  if (column === 'user_id' || !isTellable(stored) || !isTellable(folded)) return `${place}: ${column} differs`;
  return `${place}: ${column} is ${JSON.stringify(stored)}, the journal gives ${JSON.stringify(folded)}`;
}

/** Numbers and times are told; texts and documents may hold names, ids and words of people. */
function isTellable(value: unknown): boolean {
  if (typeof value === 'string') return /^\d{4}-\d{2}-\d{2}T[\d:.+-]+$/.test(value);
  return value === null || typeof value === 'number' || typeof value === 'boolean';
}
