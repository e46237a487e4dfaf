/** Whether the long run is on: `npm run test:long` (docs/testing.md, "Shares"). */
const WHOLE = process.env['TEST_SHARE'] === 'whole';

/** All cases in the long run, and a few of them, which cost less, in `npm test`. Both name what they leave to the other. */
export function share<T>(all: readonly T[], few: (one: T) => boolean): readonly T[] {
  const kept = WHOLE ? all : all.filter(few);
  if (kept.length === 0) throw new Error('a share of nothing tests nothing');
  return kept;
}

/** How many of something there are: `whole` in the long run, `few` in `npm test`. */
export function shareOf(whole: number, few: number): number {
  return WHOLE ? whole : few;
}
