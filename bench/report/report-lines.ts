import { readFile } from 'node:fs/promises';
import type { Machine } from '../machine.js';
import type { Result } from '../result.js';

/** A line of the file that `--json` names. */
export type ReportLine =
  | { readonly kind: 'machine'; readonly machine: Machine }
  | { readonly kind: 'result'; readonly result: Result };

export interface Report {
  readonly machine: Machine;
  readonly results: readonly Result[];
}

/** Reads the last run of a file: figures of different runs are not compared. @throws Error where it holds none */
export async function readReport(path: string): Promise<Report> {
  const lines = (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReportLine);
  const start = lines.findLastIndex(({ kind }) => kind === 'machine');
  const first = lines[start];
  const results = lines.slice(start + 1).flatMap((line) => (line.kind === 'result' ? [line.result] : []));
  if (first?.kind !== 'machine' || results.length === 0) throw new Error(`${path} holds no run of the bench`);
  return { machine: first.machine, results };
}
