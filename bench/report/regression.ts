import { type Result, totalCpu } from '../result.js';

export interface Judgement {
  readonly line: string;
  readonly met: boolean;
}

/**
 * Of what `sync` costs an event in the same run, the most that the product may: measured are 0.02 to 0.12 of the transactions and 0.3 of the CPU time.
 * The budget caps transactions a second and not an event: at its cap an event has 80/rate of them, so that below some 320 events a second this can fail
 * without any fault of the product.
 */
const MOST = { transactions: 0.25, 'CPU time': 0.75 } as const;

/** Compares the product with `sync` (docs/performance.md, "The check in CI"). */
export function judgeRegression(results: readonly Result[]): Judgement[] {
  const product = results.find(({ system }) => system === 'product');
  const sync = results.find(({ system }) => system === 'sync');
  if (product === undefined || sync === undefined)
    return [{ line: 'the product and sync are compared: one is missing', met: false }];
  if (product.problems.length + sync.problems.length > 0)
    return [{ line: 'the product and sync are compared: one of the runs failed', met: false }];
  return [
    judge('transactions', product.transactions ?? Number.NaN, sync.transactions ?? Number.NaN),
    judge('CPU time', totalCpu(product), totalCpu(sync)),
  ];
}

function judge(what: keyof typeof MOST, product: number, sync: number): Judgement {
  const ratio = product / sync;
  const met = ratio <= MOST[what];
  return { line: `${what} an event: ${ratio.toFixed(3)} of sync's, at most ${MOST[what]}: ${met ? 'met' : 'MISSED'}`, met };
}
