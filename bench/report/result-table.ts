import { type Result, totalCpu, totalRows } from '../result.js';

/** A column of the tables: its head, and what it shows of a result. */
interface Column {
  readonly head: string;
  readonly show: (result: Result) => string;
}

export const COLUMNS: readonly Column[] = [
  { head: 'system', show: titleOf },
  { head: 'events', show: ({ events }) => whole(events) },
  { head: 'refused', show: ({ events, acknowledged }) => (events === acknowledged ? '' : whole(events - acknowledged)) },
  { head: 'acks/s', show: ({ acksPerSecond }) => whole(acksPerSecond) },
  { head: 'rows/s', show: ({ rowsPerSecond }) => whole(rowsPerSecond) },
  { head: 'ack p50', show: ({ ackMs }) => tenths(ackMs?.p50) },
  { head: 'ack p99', show: ({ ackMs }) => tenths(ackMs?.p99) },
  { head: 'late p99', show: ({ lateMs }) => tenths(lateMs) },
  { head: 'row p50', show: ({ rowMs }) => whole(rowMs?.p50) },
  { head: 'row p99', show: ({ rowMs }) => whole(rowMs?.p99) },
  { head: 'tx/1k', show: ({ transactions }) => tenths(transactions) },
  { head: 'worst s', show: ({ worstSecond }) => whole(worstSecond) },
  { head: 'rows/1k', show: (result) => whole(totalRows(result)) },
  { head: 'CPU/1k', show: (result) => whole(totalCpu(result)) },
  { head: 'of which', show: ({ cpuMs }) => parts(cpuMs) },
  { head: 'peak MB', show: ({ peakMb }) => parts(peakMb) },
];

/** Words follow it. */
const LAST_NUMBER = COLUMNS.findIndex(({ head }) => head === 'of which') - 1;

/** The system, with what else distinguishes its runs. */
export function titleOf({ system, backend, appendfsync, workers }: Result): string {
  const where = backend === 'redis' && appendfsync === 'always' ? 'redis, always' : backend;
  const many = workers > 1 ? `, ${workers} workers` : '';
  return where === null ? system : `${system} (${where}${many})`;
}

/** What a run is called: the same in each round. */
export function runName(result: Result): string {
  return `${result.scenario} ${titleOf(result)}`;
}

/** All results for a terminal, a table a scenario. */
export function resultTable(results: readonly Result[]): string {
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  return scenarios
    .map((scenario) => {
      const mine = results.filter((result) => result.scenario === scenario);
      return [scenario, ...aligned([COLUMNS.map(({ head }) => head), ...mine.map(rowOf)]), ...mine.flatMap(problemLines)].join(
        '\n',
      );
    })
    .join('\n\n');
}

/** One result as it becomes known. */
export function resultLine(result: Result): string {
  const shown = COLUMNS.slice(1)
    .map(({ head, show }) => [head, show(result)] as const)
    .filter(([, text]) => text !== '')
    .map(([head, text]) => `${head} ${text}`);
  return [`${runName(result)}: ${shown.join(' · ')}`, ...problemLines(result)].join('\n');
}

export function rowOf(result: Result): string[] {
  return COLUMNS.map(({ show }) => show(result));
}

function problemLines(result: Result): string[] {
  return result.problems.map((problem) => `FAILED ${runName(result)}: ${problem}`);
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column > LAST_NUMBER ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function whole(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : Math.round(value).toLocaleString('en');
}

function tenths(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: 1 });
}

function parts(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${Math.round(value)}`)
    .join(', ');
}
