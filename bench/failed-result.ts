import type { Result } from './result.js';
import type { RunIdentity } from './run-options.js';

/** What is told of a run that broke off: no figures, and why. */
export function failedResult({ system, scenario, backend, appendfsync, seed, round }: RunIdentity, error: unknown): Result {
  return {
    system: system.name,
    scenario: scenario.name,
    backend: system.hasQueue ? backend : null,
    appendfsync: system.hasQueue && backend === 'redis' ? appendfsync : null,
    seed,
    round,
    workers: system.hasQueue ? scenario.workers : 0,
    events: 0,
    acknowledged: 0,
    refused: {},
    acksPerSecond: null,
    rowsPerSecond: null,
    ackMs: null,
    rowMs: null,
    endingMs: null,
    lateMs: null,
    transactions: null,
    worstSecond: null,
    allTransactions: null,
    rolledBack: null,
    rowsWritten: null,
    cpuMs: {},
    peakMb: {},
    problems: [`the run broke off: ${error instanceof Error ? error.message : String(error)}`],
  };
}
