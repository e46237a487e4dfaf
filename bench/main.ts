import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Closers } from '@bbb-activity/runtime/closers';
import closeWithGrace from 'close-with-grace';
import { failedResult } from './failed-result.js';
import { readMachine } from './machine.js';
import { readOptions } from './options.js';
import { type PlannedRun, plannedRuns } from './planned-runs.js';
import { barsOf, barsTable } from './report/bars.js';
import { ratioLines } from './report/ratios.js';
import { judgeRegression } from './report/regression.js';
import type { ReportLine } from './report/report-lines.js';
import { resultLine, resultTable } from './report/result-table.js';
import { mediansOf } from './report/rounds.js';
import type { Result } from './result.js';
import { runScenario } from './run-scenario.js';
import { startPostgres } from './servers/postgres.js';

const say = (line: string) => process.stderr.write(`${line}\n`);
const options = readOptions(process.argv.slice(2));
const closers = new Closers();
let stopping = false;
const end = closeWithGrace({ delay: 30_000 }, async ({ err, signal }) => {
  stopping = true;
  if (err) say(`the bench failed: ${err.stack ?? err.message}`);
  if (signal) process.exitCode = 130;
  await closers.close();
});
const dir = await mkdtemp(join(tmpdir(), 'bbb-activity-bench-'));
let failed = false;
closers.add(async () => {
  if (failed) say(`the logs are in ${dir}`);
  else await rm(dir, { recursive: true, force: true });
});
const postgres = await startPostgres(dir);
closers.add(() => postgres.stop());

const results: Result[] = [];
const machine = await readMachine(postgres);
await keep({ kind: 'machine', machine });
const rounds = Array.from({ length: options.rounds }, (_, index) => index + 1);
for (const { run, round } of rounds.flatMap((round) => plannedRuns(options).map((run) => ({ run, round })))) {
  const result = await measure(run, round);
  if (result === null) break;
  results.push(result);
  say(resultLine(result));
  await keep({ kind: 'result', result });
}
if (!stopping) {
  process.stdout.write(`${resultTable(mediansOf(results))}\n\n${ratioLines(results)}\n`);
  if (options.bars) process.stdout.write(`\n${barsTable(barsOf(results))}\n`);
  const verdict = options.ci ? judgeRegression(results) : [];
  for (const { line } of verdict) process.stdout.write(`${line}\n`);
  failed = results.some(({ problems }) => problems.length > 0) || verdict.some(({ met }) => !met);
  if (failed) process.exitCode = 1;
  end.close();
}

async function keep(line: ReportLine): Promise<void> {
  if (options.json !== null) await appendFile(options.json, `${JSON.stringify(line)}\n`);
}

/**
 * A run that breaks off is a result with a problem, and the others go on. Null where the bench was told to stop meanwhile: then what it runs on goes away
 * under it.
 */
async function measure(run: PlannedRun, round: number): Promise<Result | null> {
  try {
    return await runScenario({ ...run, seed: options.seed, round, profile: options.profile, postgres, dir });
  } catch (error) {
    if (stopping) return null;
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return failedResult({ ...run, seed: options.seed, round }, error);
  }
}
