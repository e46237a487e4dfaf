import { isRecord } from '@bbb-activity/simulator/webhook-delivery';
import { groupBy } from '@bbb-activity/store/group-by';
import type { Result } from '../result.js';
import { runName } from './result-table.js';

/** The median of several values, of an even number the mean of the two in the middle; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/** The results round by round: what is compared was run near to each other, since a shared machine is not always as fast. */
export function roundsOf(results: readonly Result[]): readonly (readonly Result[])[] {
  return [...groupBy(results, ({ round }) => round).values()];
}

/** One result for each run that was made in every round: of each figure the median, of what was wrong all. */
export function mediansOf(results: readonly Result[]): Result[] {
  return [...groupBy(results, runName).values()].map((runs) => {
    const whole = runs.filter(({ problems }) => problems.length === 0);
    return { ...(merged(whole.length > 0 ? whole : runs) as Result), problems: runs.flatMap(({ problems }) => problems) };
  });
}

/** Of numbers the median, of records and so on deeper; all else is the same in each. */
function merged(values: readonly unknown[]): unknown {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length > 0) return median(numbers);
  const records = values.filter(isRecord);
  if (records.length === 0) return values[0];
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return Object.fromEntries([...names].map((name) => [name, merged(records.map((record) => record[name]))]));
}
