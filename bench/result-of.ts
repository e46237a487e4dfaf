import type { Driven } from './drive.js';
import { drainRate, type JournalWindow } from './measure/database.js';
import type { Result } from './result.js';
import type { RunIdentity } from './run-options.js';

interface Counts {
  readonly transactions: { readonly all: number; readonly rolledBack: number };
  readonly writes: Readonly<Record<string, number>>;
  readonly journalled: number;
  readonly messages: number;
}

/** What the database holds before and after. */
export interface Evidence {
  readonly before: Counts;
  readonly after: Counts;
  readonly journal: JournalWindow | null;
  readonly ending: JournalWindow | null;
}

/** Puts together what was measured, and what was wrong with it. */
export function resultOf(options: RunIdentity, driven: Driven, evidence: Evidence): Result {
  const { system, scenario, backend } = options;
  const { phase, events, total } = driven;
  const { before, after, journal, ending } = evidence;
  const writes = system.name !== 'noop';
  // The queue's own transactions cannot be told from the product's where they are in one database.
  const apart = !system.hasQueue || backend === 'redis';
  const acksPerSecond = phase === null ? null : rate(phase.acknowledged, phase.startedAt, phase.endedAt);
  return {
    system: system.name,
    scenario: scenario.name,
    backend: system.hasQueue ? backend : null,
    appendfsync: system.hasQueue && backend === 'redis' ? options.appendfsync : null,
    seed: options.seed,
    round: options.round,
    workers: system.hasQueue ? scenario.workers : 0,
    events,
    acknowledged: phase?.acknowledged ?? events,
    refused: phase?.refused ?? {},
    acksPerSecond,
    rowsPerSecond: system.hasQueue ? queuedRate(driven, journal) : writes ? acksPerSecond : null,
    ackMs: phase?.ackMs ?? null,
    rowMs: phase === null || !writes ? null : system.hasQueue ? (journal?.rowMs ?? null) : phase.ackMs,
    endingMs: ending?.rowMs.max ?? null,
    lateMs: phase?.lateMs.p99 ?? null,
    transactions: writes ? per1000(apart ? driven.transactions : (journal?.commits.length ?? 0), events) : null,
    worstSecond: journal?.worstSecond ?? null,
    allTransactions: writes && apart ? per1000(after.transactions.all - before.transactions.all, total.sent) : null,
    rolledBack: writes ? per1000(after.transactions.rolledBack - before.transactions.rolledBack, total.sent) : null,
    rowsWritten: writes ? writesBetween(before, after, total.sent) : null,
    cpuMs: Object.fromEntries(Object.entries(driven.cpu).map(([name, ms]) => [name, per1000(ms, events)])),
    peakMb: driven.peakMb,
    problems: problemsOf(options, driven, evidence),
  };
}

/**
 * Everything that was acknowledged must be in the rows. What was not acknowledged may be there too; the product must have acknowledged everything, while
 * it is a finding, and no fault of the run, where a rival did not.
 */
function problemsOf({ system }: RunIdentity, { phase, events, total }: Driven, { before, after, journal }: Evidence): string[] {
  const problems: string[] = [];
  const refused = total.sent - total.acknowledged;
  const mayRefuse = system.name === 'sync' || system.name === 'job-per-event';
  if (refused > 0 && !mayRefuse) problems.push(`${refused} requests were not acknowledged: ${JSON.stringify(phase?.refused)}`);
  const compare = (what: string, acknowledged: number, found: number) => {
    if (found < acknowledged || (refused === 0 && found > acknowledged)) {
      problems.push(`${acknowledged} ${what} were acknowledged and ${found} are in the rows`);
    }
  };
  if (system.hasQueue) {
    compare('events', total.acknowledged, after.journalled - before.journalled);
    // Fewer or more where a clock was set meanwhile: then the rates are of other events.
    compare('events of the measured time', phase?.acknowledged ?? events, journal?.events ?? 0);
  }
  if (system.name !== 'noop') compare('messages', total.messages, after.messages - before.messages);
  return problems;
}

/** To the last commit: from the first request; of a backlog from when warm workers were let loose, or from the first commit where they started cold. */
function queuedRate({ rateFrom }: Driven, journal: JournalWindow | null): number | null {
  if (journal === null) return null;
  return rateFrom === null ? drainRate(journal.commits) : rate(journal.events, rateFrom, journal.lastCommitAt);
}

function writesBetween(before: Counts, after: Counts, events: number): Record<string, number> {
  const written = Object.entries(after.writes).map(
    ([table, rows]) => [table, per1000(rows - (before.writes[table] ?? 0), events)] as const,
  );
  return Object.fromEntries(written.filter(([, rows]) => rows > 0));
}

/** Times in ms. */
function rate(count: number, from: number, to: number): number {
  return to > from ? (count * 1_000) / (to - from) : 0;
}

function per1000(value: number, events: number): number {
  return events === 0 ? 0 : (value * 1_000) / events;
}
