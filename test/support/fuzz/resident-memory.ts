import { readFileSync } from 'node:fs';
import type { AppProcess } from '../app-process.js';

const KIB = 1_024;

/** Resident memory of a process that runs, in MiB. */
export function residentMiB({ child }: AppProcess): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / KIB);
}
