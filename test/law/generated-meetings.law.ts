import { describe, expect, it } from 'vitest';
import { howToRepeat, readSystem, type Wave } from '../support/law/repeat.js';
import { type LawReport, runMeetings } from '../support/law/run-meetings.js';
import { regressionSeeds, seedsFrom } from '../support/law/seeds.js';
import { BACKENDS, type BackendKind } from '../support/law/system.js';
import { createMigratedDatabase } from '../support/services.js';

const MEETINGS_AT_ONCE = 50;
/** Each wave has a system of its own, the next of these. */
const SYSTEMS = [
  { policy: 'register', workers: 2, partitions: 8, batchMaxEvents: 50, crashes: 2 },
  { policy: 'known', workers: 4, partitions: 8, batchMaxEvents: 500, crashes: 4 },
  { policy: 'register', workers: 1, partitions: 1, batchMaxEvents: 200, crashes: 1 },
  { policy: 'register', workers: 3, partitions: 5, batchMaxEvents: 12, crashes: 3 },
] as const;
/** All that one backend may take. */
const TIMEOUT_MS = 25 * 60 * 1_000;

/** One seed, or several with commas between; of each also its neighbours. */
const firsts = wholeNumbers('LAW_SEED', Math.floor(Date.now() / 1_000) * 10_000);
const count = wholeNumber('LAW_MEETINGS', 1_000);
/** Set to repeat one wave of a run. */
const repeated = readSystem(process.env['LAW_SYSTEM'] ?? '');
const backends = repeated === null ? BACKENDS : [repeated.backend];

function wholeNumbers(name: string, otherwise: number): number[] {
  const text = process.env[name] ?? '';
  if (text === '') return [otherwise];
  if (!/^[0-9]{1,15}(,[0-9]{1,15})*$/.test(text)) throw new Error(`${name} must be a whole number of at most 15 digits`);
  return text.split(',').map(Number);
}

function wholeNumber(name: string, otherwise: number): number {
  const [number = otherwise] = wholeNumbers(name, otherwise);
  return number;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Regression seeds go first. */
function waves(backend: BackendKind, kept: readonly number[]): Wave[] {
  const asked = firsts.flatMap((first) => seedsFrom(first, count));
  if (repeated !== null) return [{ system: repeated, seed: wholeNumber('LAW_WAVE', asked[0] ?? 0), seeds: asked }];
  const all = [...new Set([...kept, ...asked])];
  return Array.from({ length: Math.ceil(all.length / MEETINGS_AT_ONCE) }, (_, index): Wave => {
    const seeds = all.slice(index * MEETINGS_AT_ONCE, (index + 1) * MEETINGS_AT_ONCE);
    return { system: { backend, ...(SYSTEMS[index % SYSTEMS.length] ?? SYSTEMS[0]) }, seed: seeds[0] ?? 0, seeds };
  });
}

function failure(wave: Wave, seed: number | null, what: string): string {
  const { backend } = wave.system;
  if (seed === null) return `${backend}: verify finds a difference (${what})`;
  return `${backend}: seed ${seed} fails (${what}); alone: ${howToRepeat(wave, seed)}`;
}

function tell(backend: BackendKind, reports: readonly LawReport[], seconds: number): string {
  const names = ['meetings', 'occurrences', 'unknown', 'presumed', 'lifted', 'events'] as const;
  const more = ['duplicates', 'inversions', 'requests', 'crashes'] as const;
  const sum = (of: (typeof names)[number] | (typeof more)[number]) =>
    reports.reduce((total, report) => total + report[of], 0).toLocaleString('en');
  const differences = reports.reduce((total, report) => total + report.differences.length, 0);
  return `${backend}: ${[...names, ...more].map((name) => `${sum(name)} ${name}`).join(', ')}, ${differences} differences, in ${seconds} s`;
}

describe.concurrent('the law through the whole system', () => {
  it.each(backends)('holds for every generated meeting, with the queue in %s', { timeout: TIMEOUT_MS }, async (backend) => {
    const started = performance.now();
    const elapsed = () => Math.round((performance.now() - started) / 1_000);
    const kept = await regressionSeeds();
    const also = repeated === null ? `, and ${kept.length} regression seeds` : `, in ${JSON.stringify(repeated)}`;
    say(`${backend}: ${count} seeds from ${firsts.join(', ')} on${also}`);
    const reports: LawReport[] = [];
    for (const wave of waves(backend, kept)) {
      const database = await createMigratedDatabase();
      try {
        const report = await runMeetings(wave, database.url);
        reports.push(report);
        say(tell(backend, reports, elapsed()));
        for (const line of new Set(report.differences.map(({ seed, what }) => failure(wave, seed, what)))) say(line);
        if (report.differences.length > 0) say(`${backend}: the whole wave again: ${howToRepeat(wave)}`);
      } finally {
        await database.drop();
      }
    }
    const differences = reports.flatMap((report) => report.differences);
    expect(differences.slice(0, 1)).toEqual([]);
    if (repeated === null) expect(reports.reduce((total, report) => total + report.crashes, 0)).toBeGreaterThan(0);
  });
});
