import type { Result } from '../result.js';

/** What the product is meant to reach, and what it reached. */
export interface Bar {
  readonly what: string;
  readonly wanted: string;
  /** Null where the runs that it needs were not made. */
  readonly measured: string | null;
  readonly met: boolean;
}

/** The default budget and partitions: in no second may more transactions commit than these together. */
const BUDGET = 80;
const PARTITIONS = 8;
/** The longest that a row of a burst may take. */
const BURST_MS = 5_000;

/** The bars of docs/performance.md, over one file of results. */
export function barsOf(results: readonly Result[]): Bar[] {
  return [...new Set(queuesOf(results))].flatMap((backend) => barsOfQueue(results, backend));
}

function barsOfQueue(results: readonly Result[], backend: Result['backend']): Bar[] {
  const find = (scenario: string, system = 'product'): Result | undefined =>
    results.findLast(
      (result) =>
        result.scenario === scenario &&
        result.system === system &&
        (result.backend === backend || result.backend === null) &&
        result.appendfsync !== 'always',
    );
  const rows = (scenario: string, system?: string) => find(scenario, system)?.rowsPerSecond ?? undefined;
  const ratio = (one: number | undefined, other: number | undefined) => (one === undefined || !other ? undefined : one / other);
  const mine = results.filter(({ system, backend: own }) => system === 'product' && own === backend);
  // Where the budget is lifted there is none to be held to.
  const seconds = mine.filter(({ scenario }) => !scenario.startsWith('slow')).flatMap(({ worstSecond }) => worstSecond ?? []);
  const steady = find('steady-1000');
  const burst = find('burst');
  const peak = (scenario: string | null, role: string) => {
    const held = mine
      .filter((result) => scenario === null || result.scenario === scenario)
      .flatMap((result) => result.peakMb[role] ?? []);
    return held.length === 0 ? undefined : Math.max(...held);
  };
  const at = (text: string) => `${text} (${backend})`;
  const times = (value: number) => `${value.toFixed(2)} ×`;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const mb = (value: number) => `${value.toFixed(0)} MB`;
  const plain = (value: number) => value.toFixed(1);
  return [
    atLeast(at('live, ingress to committed row, against sync'), 10, ratio(rows('live'), rows('live', 'sync')), times),
    atLeast(
      at('drain of 100 k events, against job-per-event'),
      6,
      ratio(rows('drain-100k'), rows('drain-100k', 'job-per-event')),
      times,
    ),
    atMost(at('transactions per 1,000 events, live at saturation'), 30, find('live')?.transactions ?? undefined, plain),
    atMost(
      at('transactions in any second of any scenario'),
      BUDGET + PARTITIONS,
      seconds.length === 0 ? undefined : Math.max(...seconds),
      plain,
    ),
    atMost(at('ack p99 at 1,000 events/s offered'), 25, steady?.ackMs?.p99, ms),
    atMost(at('arrival to row at 1,000 events/s offered, p50'), 200, steady?.rowMs?.p50, ms),
    atMost(at('arrival to row at 1,000 events/s offered, p99'), 600, steady?.rowMs?.p99, ms),
    atMost(
      at('burst of 10,000 events: not acknowledged'),
      0,
      burst === undefined ? undefined : burst.events - burst.acknowledged,
      plain,
    ),
    atMost(at('burst of 10,000 events: the last row after'), BURST_MS, burst?.rowMs?.max, ms),
    atLeast(at('drain rate at 1 M against 10 k backlog'), 0.9, ratio(rows('drain-1m'), rows('drain-10k')), times),
    atMost(at('peak memory of ingress'), 256, peak(null, 'ingress'), mb),
    atMost(at('peak memory of a worker'), 320, peak(null, 'worker'), mb),
    atMost(
      at('peak memory of a worker at 1 M against 10 k'),
      1.2,
      ratio(peak('drain-1m', 'worker'), peak('drain-10k', 'worker')),
      times,
    ),
    atLeast(
      at('workers 1 → 4, budget lifted, two partitions each, slow database'),
      3,
      ratio(rows('slow-4'), rows('slow-1')),
      times,
    ),
    atLeast(at('workers 1 → 4, by default'), 0.85, ratio(rows('drain-100k-4'), rows('drain-100k')), times),
  ];
}

export function barsTable(bars: readonly Bar[]): string {
  const judged = ({ measured, met }: Bar) => (measured === null ? 'not measured' : met ? 'met' : 'MISSED');
  const widest = Math.max(...bars.map(({ what }) => what.length));
  return bars
    .map((bar) => `${bar.what.padEnd(widest)}  ${bar.wanted.padEnd(10)}  ${(bar.measured ?? '').padEnd(10)}  ${judged(bar)}`)
    .join('\n');
}

function queuesOf(results: readonly Result[]): Result['backend'][] {
  return results.flatMap(({ system, backend }) => (system === 'product' ? [backend] : []));
}

type Show = (value: number) => string;

function atLeast(what: string, bar: number, value: number | undefined, show: Show): Bar {
  return {
    what,
    wanted: `≥ ${show(bar)}`,
    measured: value === undefined ? null : show(value),
    met: value !== undefined && value >= bar,
  };
}

function atMost(what: string, bar: number, value: number | undefined, show: Show): Bar {
  return {
    what,
    wanted: `≤ ${show(bar)}`,
    measured: value === undefined ? null : show(value),
    met: value !== undefined && value <= bar,
  };
}
