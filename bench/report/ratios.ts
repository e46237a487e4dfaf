import { type Result, totalCpu } from '../result.js';
import { titleOf } from './result-table.js';

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

/** Every run of the product against every rival's run of the same scenario, where the rival has the same queue or none. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  return results
    .filter(({ system }) => system === 'product')
    .flatMap((product) =>
      results
        .filter(({ system, scenario }) => system !== 'product' && scenario === product.scenario)
        .filter(({ backend }) => backend === null || backend === product.backend)
        .map((rival) => ratioOf(product, rival)),
    );
}

function ratioOf(product: Result, rival: Result): Ratio {
  const names = { scenario: product.scenario, product: titleOf(product), rival: titleOf(rival) };
  if (product.problems.length + rival.problems.length > 0)
    return { ...names, failed: true, speed: '', transactions: '', cpu: '' };
  return {
    ...names,
    failed: false,
    speed:
      rival.rowsPerSecond === null
        ? ratio(product.acksPerSecond, rival.acksPerSecond)
        : ratio(product.rowsPerSecond, rival.rowsPerSecond),
    transactions: ratio(product.transactions, rival.transactions),
    cpu: ratio(totalCpu(product), totalCpu(rival)),
  };
}

function ratio(one: number | null, other: number | null): string {
  return one === null || !other ? '' : `${(one / other).toPrecision(2)} ×`;
}
