import { readFile } from 'node:fs/promises';

/** Seeds that once failed (docs/testing.md, "The law"): they are part of every run. */
export async function regressionSeeds(): Promise<number[]> {
  const text = await readFile(new URL('../../law/regression-seeds.json', import.meta.url), 'utf8');
  const seeds: unknown = JSON.parse(text);
  if (Array.isArray(seeds) && seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) return seeds as number[];
  throw new Error('test/law/regression-seeds.json must be a list of seeds');
}

export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
