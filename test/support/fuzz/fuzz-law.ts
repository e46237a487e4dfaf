import { expect } from 'vitest';
import type { FuzzReport } from './fuzz-ingress.js';

/** How long a BBB server waits for an answer (docs/wire.md, "Retry and failure"). A reader whose time grows with the square of a body's length is far over it. */
const ANSWER_WITHIN_MS = 5_000;
/** The process at rest takes some 100; the budget of bodies at once is 32, and each is held in several shapes. */
const MEMORY_MOST_MIB = 640;
const MEMORY_GROWTH_MIB = 128;

/** What no body may bring about: a wrong answer, a slow one, an end of the process, memory that grows. */
export function expectUnharmed({ wrong, slowest, slowestMs, memoryMiB }: FuzzReport): void {
  expect(wrong).toEqual([]);
  expect(slowestMs, slowest).toBeLessThan(ANSWER_WITHIN_MS);
  const [, second = 0, , last = 0] = memoryMiB;
  expect(Math.max(...memoryMiB)).toBeLessThan(MEMORY_MOST_MIB);
  expect(last - second).toBeLessThan(MEMORY_GROWTH_MIB);
}

export function told(seed: number, { sent, answers, slowestMs, slowest, memoryMiB }: FuzzReport): string {
  const counts = [...answers].toSorted(([a], [b]) => a.localeCompare(b)).map(([answer, count]) => `${answer}: ${count}`);
  return `seed ${seed}, ${sent} bodies; ${counts.join(', ')}; slowest ${slowestMs} ms (${slowest.slice(0, 120)}); memory by quarters ${memoryMiB.join(', ')} MiB`;
}
