import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { openStore, type Store } from '@bbb-activity/store/client';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import { type Difference, type RebuildReport, rebuildOccurrence } from '@bbb-activity/store/rebuild-occurrence';
import { namedMeetingIds } from './named-meetings.js';

/** What was found over all occurrences. */
export interface RebuildTotals {
  occurrences: number;
  sealed: number;
  differences: number;
  /** Occurrences whose journal is missing, and journals whose occurrence is: nothing can mend these. */
  unmendable: number;
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

export interface RebuildSelection {
  /** Of one meeting, or a room's; all where it is left out. */
  readonly meeting?: string;
  readonly accessUrl?: number;
  readonly dryRun: boolean;
}

/** Rebuilds what is chosen, as the reports are taken. @throws NoSuchMeetingError @throws AmbiguousMeetingError */
export async function reportsOf(
  store: Store,
  { meeting, accessUrl, dryRun }: RebuildSelection,
): Promise<AsyncIterable<RebuildReport>> {
  if (meeting === undefined) return rebuildAll(store, { dryRun });
  return rebuildThese(store, await namedMeetingIds(store, meeting, accessUrl), dryRun);
}

async function* rebuildThese(store: Store, ids: readonly string[], dryRun: boolean): AsyncGenerator<RebuildReport> {
  for (const id of ids) {
    const report = await rebuildOccurrence(store, id, { dryRun });
    // Null where it was erased meanwhile.
    if (report !== null) yield report;
  }
}

/** Prints each difference as its report comes, and counts. */
export async function printReports(
  reports: AsyncIterable<RebuildReport> | Iterable<RebuildReport>,
  print: (line: string) => void,
): Promise<RebuildTotals> {
  const totals: RebuildTotals = { occurrences: 0, sealed: 0, differences: 0, unmendable: 0 };
  for await (const report of reports) {
    const { meetingId, orphanedEvents } = report;
    if (orphanedEvents === null) totals.occurrences += 1;
    if (report.sealed) totals.sealed += 1;
    totals.differences += report.differences.length;
    if (orphanedEvents !== null) {
      totals.unmendable += 1;
      print(`meeting ${meetingId}: its row is gone, and ${orphanedEvents} events of its journal are left: nothing can mend that`);
      continue;
    }
    if (report.differences.some(({ table }) => table === 'conference_event')) totals.unmendable += 1;
    for (const difference of report.differences) print(`meeting ${meetingId}: ${lineOf(difference)}`);
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
