import { groupBy } from '@bbb-activity/store/group-by';
import { type Result, totalCpu } from '../result.js';
import { runName, titleOf } from './result-table.js';
import { median, roundsOf } from './rounds.js';

/** The product against a rival in one scenario, each as words. */
export interface Ratio {
  readonly scenario: string;
  readonly product: string;
  readonly rival: string;
  /** How many times as many events a second: in the rows, or acknowledged where the rival writes none. */
  readonly speed: string;
  /** A run that either is made of has problems: then it says nothing else. */
  readonly failed: boolean;
  /** What part of the transactions and of the CPU time an event takes. */
  readonly transactions: string;
  readonly cpu: string;
}

/** One line a comparison, for a terminal. */
export function ratioLines(results: readonly Result[]): string {
  return ratiosOf(results)
    .map((one) => {
      if (one.failed) return `${one.scenario}: ${one.product} against ${one.rival}: failed run`;
      const parts = [
        [one.speed, 'the events/s'],
        [one.transactions, 'the transactions'],
        [one.cpu, 'the CPU'],
      ].filter(([value]) => value !== '');
      return `${one.scenario}: ${one.product} has ${parts.map((part) => part.join(' ')).join(', ')} of ${one.rival}`;
    })
    .join('\n');
}

/** Every run of the product against every rival's run of the same scenario, where the rival has the same queue or none: of several rounds the median. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  const pairs = roundsOf(results).flatMap(pairsOf);
  const same = ({ product, rival }: Pair) => `${runName(product)} against ${runName(rival)}`;
  return [...groupBy(pairs, same).values()].flatMap(ratioOf);
}

interface Pair {
  readonly product: Result;
  readonly rival: Result;
}

function pairsOf(round: readonly Result[]): Pair[] {
  return round
    .filter(({ system }) => system === 'product')
    .flatMap((product) =>
      round
        .filter(({ system, scenario }) => system !== 'product' && scenario === product.scenario)
        .filter(({ backend }) => backend === null || backend === product.backend)
        .map((rival) => ({ product, rival })),
    );
}

function ratioOf(pairs: readonly Pair[]): Ratio[] {
  const [first] = pairs;
  if (first === undefined) return [];
  const { product, rival } = first;
  const names = { scenario: product.scenario, product: titleOf(product), rival: titleOf(rival) };
  if (pairs.some(({ product, rival }) => product.problems.length + rival.problems.length > 0))
    return [{ ...names, failed: true, speed: '', transactions: '', cpu: '' }];
  const inRows = rival.rowsPerSecond !== null;
  const ratio = (value: (result: Result) => number | null) => shownRatio(pairs, value);
  return [
    {
      ...names,
      failed: false,
      speed: ratio(({ rowsPerSecond, acksPerSecond }) => (inRows ? rowsPerSecond : acksPerSecond)),
      transactions: ratio(({ transactions }) => transactions),
      cpu: ratio(totalCpu),
    },
  ];
}

function shownRatio(pairs: readonly Pair[], value: (result: Result) => number | null): string {
  const ratios = pairs.flatMap(({ product, rival }) => {
    const [one, other] = [value(product), value(rival)];
    return one === null || !other ? [] : [one / other];
  });
  const middle = median(ratios);
  return middle === undefined ? '' : `${middle.toPrecision(2)} ×`;
}
