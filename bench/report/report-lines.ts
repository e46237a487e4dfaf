import { readFile } from 'node:fs/promises';
import type { Machine } from '../machine.js';
import type { Result } from '../result.js';

/** A line of the file that `--json` names. */
export type ReportLine =
  | { readonly kind: 'machine'; readonly machine: Machine }
  | { readonly kind: 'result'; readonly result: Result };

export interface Report {
  /** Of the last run in the file. */
  readonly machine: Machine;
  /** Of a run that was made again the last one counts. */
  readonly results: readonly Result[];
}

/** Reads one or several runs from a file. @throws Error where it holds none */
export async function readReport(path: string): Promise<Report> {
  const lines = (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReportLine);
  const machine = lines.findLast((line) => line.kind === 'machine')?.machine;
  const results = new Map<string, Result>();
  for (const line of lines) {
    if (line.kind !== 'result') continue;
    const { scenario, system, backend, appendfsync } = line.result;
    results.set(JSON.stringify([scenario, system, backend, appendfsync]), line.result);
  }
  if (machine === undefined || results.size === 0) throw new Error(`${path} holds no run of the bench`);
  return { machine, results: [...results.values()] };
}
