import type { Machine } from '../machine.js';
import type { Result } from '../result.js';
import { allScenarios } from '../scenarios.js';
import { type Bar, barsOf } from './bars.js';
import { ratiosOf } from './ratios.js';
import type { Report } from './report-lines.js';
import { COLUMNS, rowOf } from './result-table.js';
import { mediansOf } from './rounds.js';

/** What stands between the marks of each name in docs/performance.md. */
export function sectionsOf({ machine, results }: Report): Readonly<Record<string, string>> {
  return {
    machine: machineList(machine),
    bars: barTable(barsOf(results)),
    ratios: ratioTable(results),
    results: scenarioTables(mediansOf(results)),
  };
}

/**
 * Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->`.
 *
 * @throws Error where a document has no such marks
 */
export function replaceSections(document: string, sections: Readonly<Record<string, string>>): string {
  let text = document;
  for (const [name, content] of Object.entries(sections)) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the document has no marks ${start} and ${end}`);
    text = `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
  }
  return text;
}

function machineList(machine: Machine): string {
  const { cpu, cores, memoryGb, system, node, postgres, redis, commit } = machine;
  return [
    `- ${cores} cores of ${cpu}, ${memoryGb} GB of memory, ${system}`,
    `- Node ${node}, PostgreSQL ${postgres}, Redis ${redis}`,
    `- the build of commit ${commit}`,
  ].join('\n');
}

function barTable(bars: readonly Bar[]): string {
  const judged = ({ failed, measured, met }: Bar) =>
    failed ? '**failed run**' : measured === null ? 'not measured' : met ? 'met' : '**missed**';
  return markdownTable(
    ['what', 'bar', 'measured', ''],
    bars.map((bar) => [bar.what, bar.wanted, bar.measured ?? '', judged(bar)]),
  );
}

function ratioTable(results: readonly Result[]): string {
  return markdownTable(
    ['scenario', 'product', 'against', 'events/s', 'transactions', 'CPU'],
    ratiosOf(results).map(({ scenario, product, rival, failed, speed, transactions, cpu }) => [
      scenario,
      product,
      rival,
      failed ? '**failed run**' : speed,
      transactions,
      cpu,
    ]),
  );
}

function scenarioTables(results: readonly Result[]): string {
  return allScenarios(1)
    .flatMap(({ name, title }) => {
      const mine = results.filter(({ scenario }) => scenario === name);
      if (mine.length === 0) return [];
      const endings = mine.flatMap(({ endingMs }) => endingMs ?? []);
      const ending =
        endings.length === 0 ? [] : [`\nThe meeting's end was in the rows after ${Math.round(Math.max(...endings))} ms.`];
      const problems = mine.flatMap((result) => result.problems.map((problem) => `\nFailed: ${problem}`));
      const table = markdownTable(
        COLUMNS.map(({ head }) => head),
        mine.map(rowOf),
      );
      return [`### ${name}\n\n${title}.\n\n${table}`, ...ending, ...problems];
    })
    .join('\n\n');
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
