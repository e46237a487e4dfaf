import type { Percentiles } from './load/phase.js';
import type { BackendName, SystemName } from './systems/system.js';

/** What was measured of one system in one scenario. */
export interface Result {
  readonly system: SystemName;
  readonly scenario: string;
  /** Null for a system without a queue. */
  readonly backend: BackendName | null;
  readonly appendfsync: string | null;
  readonly seed: number;
  /** Of the whole plan, from 1. */
  readonly round: number;
  readonly workers: number;
  /** Sent, or waiting in the backlog; those that warmed up before are not among them. */
  readonly events: number;
  readonly acknowledged: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Answers a second; null for a backlog. */
  readonly acksPerSecond: number | null;
  /** Events a second until the last is committed; null where nothing is. */
  readonly rowsPerSecond: number | null;
  /** From when the request should have been sent; null for a backlog. */
  readonly ackMs: Percentiles | null;
  /** From when the request should have been sent to the commit; null for a backlog and where nothing is. */
  readonly rowMs: Percentiles | null;
  /** From the last event of all to its commit: the end of the meetings, where the scenario has it. */
  readonly endingMs: number | null;
  /** How late the generator sent, p99. */
  readonly lateMs: number | null;
  /** That wrote, in 1,000 events. */
  readonly transactions: number | null;
  /** The most that committed events within any second. */
  readonly worstSecond: number | null;
  /** Of any kind over the whole run, warm-up and start included, in 1,000 events. Null where the queue is in the same database. */
  readonly allTransactions: number | null;
  /** Of those, rolled back: what they wrote is among the rows written, and was written again. */
  readonly rolledBack: number | null;
  /** Inserted, updated and deleted, by table of the product, in 1,000 events over the whole run; null where nothing is written. */
  readonly rowsWritten: Readonly<Record<string, number>> | null;
  /** CPU ms in 1,000 events, by process; workers together. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Peak memory in MB, by process; of workers the largest. */
  readonly peakMb: Readonly<Record<string, number>>;
  /** What was wrong. A result with problems tells nothing else. */
  readonly problems: readonly string[];
}

/** Rows written in 1,000 events, over all tables. */
export function totalRows({ rowsWritten }: Result): number | null {
  return rowsWritten === null ? null : Object.values(rowsWritten).reduce((sum, rows) => sum + rows, 0);
}

/** CPU ms in 1,000 events of all processes but the generator. */
export function totalCpu({ cpuMs }: Pick<Result, 'cpuMs'>): number {
  return Object.entries(cpuMs).reduce((sum, [name, ms]) => (name === 'load' ? sum : sum + ms), 0);
}
