/** Waits between tries of a held head, in ms; the last one repeats. Doubling from 100 ms to 10 s. */
const WAITS_MS = [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000] as const;
const LONGEST_MS = 10_000;

/** The wait after try number `attempt` (from 1), in ms: up to a quarter is taken off at random, so that partitions that failed together do not come again together. */
export function retryBackoffMs(attempt: number): number {
  const wait = WAITS_MS[attempt - 1] ?? LONGEST_MS;
  return Math.round(wait * (1 - Math.random() / 4));
}
