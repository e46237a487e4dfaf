/**
 * The seed of what people do and of when random faults strike. `FAULT_SEED` is one a run, and a fresh one where nobody gives it (vitest.faults.config.ts).
 *
 * @throws Error where it is no whole number from 0 to 2^53 - 1
 */
export function faultSeed(): number {
  const given = process.env['FAULT_SEED'] ?? '';
  const seed = Number(given);
  if (given === '' || !Number.isSafeInteger(seed) || seed < 0) throw new Error(`FAULT_SEED is no seed: ${given}`);
  return seed;
}
