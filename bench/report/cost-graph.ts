import { type Result, totalCpu } from '../result.js';
import { type Panel, type Series, svgOf } from './svg.js';

const COLOURS = { redis: '#0b6bcb', postgres: '#c2410c', sync: '#6b7280', 'job-per-event': '#15803d' } as const;

const COSTS = [
  { title: 'transactions in 1,000 events', value: (result: Result) => result.transactions },
  { title: 'CPU ms in 1,000 events, all processes', value: totalCpu },
] as const;

/** Cost of an event against the load that was offered or taken, and against the backlog it waited in; both axes are logarithmic. */
export function costGraph(results: readonly Result[]): string {
  const panels = COSTS.flatMap(({ title, value }): Panel[] => [
    {
      title,
      xTitle: 'events a second (the last point: as fast as they are answered)',
      series: seriesOf(results, /^(steady-\d+|live)$/, loadOf, value),
    },
    { title, xTitle: 'events of backlog', series: seriesOf(results, /^drain-(10k|100k|1m)$/, ({ events }) => events, value) },
  ]);
  return svgOf('What an event costs, by load and by backlog', panels);
}

function loadOf({ rowsPerSecond, acksPerSecond, scenario }: Result): number | null {
  const [, offered] = /^steady-(\d+)$/.exec(scenario) ?? [];
  return offered === undefined ? (rowsPerSecond ?? acksPerSecond) : Number(offered);
}

function seriesOf(
  results: readonly Result[],
  scenarios: RegExp,
  x: (result: Result) => number | null,
  y: (result: Result) => number | null,
): Series[] {
  const mine = results.filter(
    ({ scenario, appendfsync, problems }) => scenarios.test(scenario) && appendfsync !== 'always' && problems.length === 0,
  );
  const kinds = [
    {
      name: 'product, Redis',
      colour: COLOURS.redis,
      is: ({ system, backend }: Result) => system === 'product' && backend === 'redis',
    },
    {
      name: 'product, PostgreSQL',
      colour: COLOURS.postgres,
      is: ({ system, backend }: Result) => system === 'product' && backend === 'postgres',
    },
    { name: 'sync', colour: COLOURS.sync, is: ({ system }: Result) => system === 'sync' },
    {
      name: 'job-per-event, Redis',
      colour: COLOURS['job-per-event'],
      is: ({ system, backend }: Result) => system === 'job-per-event' && backend === 'redis',
    },
  ];
  return kinds.map(({ name, colour, is }) => ({
    name,
    colour,
    points: mine
      .filter(is)
      .flatMap((result) => {
        const [atX, atY] = [x(result), y(result)];
        return atX === null || atY === null || atX <= 0 || atY <= 0 ? [] : [{ x: atX, y: atY }];
      })
      .sort((one, other) => one.x - other.x),
  }));
}
