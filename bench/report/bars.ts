import type { Result } from '../result.js';
import { median, roundsOf } from './rounds.js';

/** What the product is meant to reach, and what it reached. */
export interface Bar {
  readonly what: string;
  readonly wanted: string;
  /** A run that it needs has problems: then it is neither measured nor met. */
  readonly failed: boolean;
  /** Null where the runs that it needs were not made, or failed. */
  readonly measured: string | null;
  readonly met: boolean;
}

/** The default budget and partitions: in no second may more transactions commit than these together. */
const BUDGET = 80;
const PARTITIONS = 8;
/** The longest that a row of a burst may take. */
const BURST_MS = 5_000;

/**
 * The bars of docs/performance.md, over one file of results: of several rounds the median, with the least and the most; of memory and of transactions in
 * a second the most of all.
 */
export function barsOf(results: readonly Result[]): Bar[] {
  return [...new Set(queuesOf(results))].flatMap((backend) => barsOfQueue(results, backend));
}

function barsOfQueue(results: readonly Result[], backend: Result['backend']): Bar[] {
  const mine = results.filter(({ system, backend: own }) => system === 'product' && own === backend);
  const rounds = roundsOf(results).map((round) => new Round(round, backend));
  const each = (measure: (round: Round) => Measure) => medianOf(rounds.map(measure));
  // Where the budget is lifted there is none to be held to.
  const budgeted = mine.filter(({ scenario }) => !scenario.startsWith('slow'));
  const at = (text: string) => `${text} (${backend})`;
  const times = (value: number) => `${value.toFixed(2)} ×`;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const mb = (value: number) => `${value.toFixed(0)} MB`;
  const plain = (value: number) => value.toFixed(1);
  return [
    atLeast(
      at('live, ingress to committed row, against sync'),
      10,
      each((round) => ratio(round.rows('live'), round.rows('live', 'sync'))),
      times,
    ),
    atLeast(
      at('drain of 100 k events, against job-per-event'),
      6,
      each((round) => ratio(round.rows('drain-100k'), round.rows('drain-100k', 'job-per-event'))),
      times,
    ),
    atMost(
      at('transactions per 1,000 events, live at saturation'),
      30,
      each((round) => round.of('live', ({ transactions }) => transactions)),
      plain,
    ),
    atMost(
      at('transactions in any second of any scenario'),
      BUDGET + PARTITIONS,
      most(budgeted, ({ worstSecond }) => worstSecond),
      plain,
    ),
    atMost(
      at('ack p99 at 1,000 events/s offered'),
      25,
      each((round) => round.of('steady-1000', ({ ackMs }) => ackMs?.p99)),
      ms,
    ),
    atMost(
      at('arrival to row at 1,000 events/s offered, p50'),
      200,
      each((round) => round.of('steady-1000', ({ rowMs }) => rowMs?.p50)),
      ms,
    ),
    atMost(
      at('arrival to row at 1,000 events/s offered, p99'),
      600,
      each((round) => round.of('steady-1000', ({ rowMs }) => rowMs?.p99)),
      ms,
    ),
    atMost(
      at('burst of 10,000 events: not acknowledged'),
      0,
      each((round) => round.of('burst', ({ events, acknowledged }) => events - acknowledged)),
      plain,
    ),
    atMost(
      at('burst of 10,000 events: the last row after'),
      BURST_MS,
      each((round) => round.of('burst', ({ rowMs }) => rowMs?.max)),
      ms,
    ),
    atLeast(
      at('drain rate at 1 M against 10 k backlog'),
      0.9,
      each((round) => ratio(round.rows('drain-1m'), round.rows('drain-10k'))),
      times,
    ),
    atMost(
      at('peak memory of ingress'),
      256,
      most(mine, ({ peakMb }) => peakMb['ingress']),
      mb,
    ),
    atMost(
      at('peak memory of a worker'),
      320,
      most(mine, ({ peakMb }) => peakMb['worker']),
      mb,
    ),
    atMost(
      at('peak memory of a worker at 1 M against 10 k'),
      1.2,
      each((round) => ratio(round.peak('drain-1m', 'worker'), round.peak('drain-10k', 'worker'))),
      times,
    ),
    atLeast(
      at('workers 1 → 4, budget lifted, two partitions each, slow database, BATCH_MAX_EVENTS=100'),
      3,
      each((round) => ratio(round.rows('slow-4'), round.rows('slow-1'))),
      times,
    ),
    atLeast(
      at('workers 1 → 4, by default'),
      0.85,
      each((round) => ratio(round.rows('drain-100k-4'), round.rows('drain-100k'))),
      times,
    ),
  ];
}

export function barsTable(bars: readonly Bar[]): string {
  const judged = ({ failed, measured, met }: Bar) =>
    failed ? 'failed run' : measured === null ? 'not measured' : met ? 'met' : 'MISSED';
  const widest = Math.max(...bars.map(({ what }) => what.length));
  return bars
    .map((bar) => `${bar.what.padEnd(widest)}  ${bar.wanted.padEnd(10)}  ${(bar.measured ?? '').padEnd(28)}  ${judged(bar)}`)
    .join('\n');
}

function queuesOf(results: readonly Result[]): Result['backend'][] {
  return results.flatMap(({ system, backend }) => (system === 'product' ? [backend] : []));
}

type Show = (value: number) => string;

/** A figure, the runs that it was taken from, and what it was in each round. */
interface Measure {
  readonly runs: readonly Result[];
  readonly value: number | undefined;
  readonly rounds?: readonly number[];
}

/** What was run near to each other. */
class Round {
  readonly #results: readonly Result[];
  readonly #backend: Result['backend'];

  constructor(results: readonly Result[], backend: Result['backend']) {
    this.#results = results;
    this.#backend = backend;
  }

  of(scenario: string, value: (result: Result) => number | null | undefined, system = 'product'): Measure {
    const run = this.#results.findLast(
      (result) =>
        result.scenario === scenario &&
        result.system === system &&
        (result.backend === this.#backend || result.backend === null) &&
        result.appendfsync !== 'always',
    );
    return run === undefined ? NOTHING : { runs: [run], value: value(run) ?? undefined };
  }

  rows(scenario: string, system?: string): Measure {
    return this.of(scenario, ({ rowsPerSecond }) => rowsPerSecond, system);
  }

  peak(scenario: string, role: string): Measure {
    return this.of(scenario, ({ peakMb }) => peakMb[role]);
  }
}

const NOTHING: Measure = { runs: [], value: undefined };

function ratio(one: Measure, other: Measure): Measure {
  const runs = [...one.runs, ...other.runs];
  return { runs, value: one.value === undefined || !other.value ? undefined : one.value / other.value };
}

function medianOf(measures: readonly Measure[]): Measure {
  const values = measures.flatMap(({ value }) => value ?? []);
  return { runs: measures.flatMap(({ runs }) => runs), value: median(values), rounds: values };
}

function most(runs: readonly Result[], value: (result: Result) => number | null | undefined): Measure {
  const values = runs.flatMap((run) => value(run) ?? []);
  return { runs, value: values.length === 0 ? undefined : Math.max(...values) };
}

function atLeast(what: string, bar: number, measure: Measure, show: Show): Bar {
  return { what, wanted: `≥ ${show(bar)}`, ...judged(measure, show, (value) => value >= bar) };
}

function atMost(what: string, bar: number, measure: Measure, show: Show): Bar {
  return { what, wanted: `≤ ${show(bar)}`, ...judged(measure, show, (value) => value <= bar) };
}

function judged(
  { runs, value, rounds = [] }: Measure,
  show: Show,
  reaches: (value: number) => boolean,
): Pick<Bar, 'failed' | 'measured' | 'met'> {
  if (runs.some(({ problems }) => problems.length > 0)) return { failed: true, measured: null, met: false };
  if (value === undefined) return { failed: false, measured: null, met: false };
  const range = rounds.length > 1 ? ` (${show(Math.min(...rounds))} to ${show(Math.max(...rounds))})` : '';
  return { failed: false, measured: `${show(value)}${range}`, met: reaches(value) };
}
