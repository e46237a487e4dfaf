import { describe, expect, it } from 'vitest';
import type { Driven } from '../../../bench/drive.js';
import { drainRate } from '../../../bench/measure/database.js';
import { type Evidence, resultOf } from '../../../bench/result-of.js';
import { allScenarios } from '../../../bench/scenarios.js';
import { SYSTEMS } from '../../../bench/systems/systems.js';

const COMMITS = [
  { at: 1_000, events: 100 },
  { at: 2_000, events: 100 },
  { at: 2_500, events: 400 },
  { at: 3_000, events: 400 },
];
const EMPTY = { transactions: { all: 0, rolledBack: 0 }, writes: {}, journalled: 0, messages: 0 };
const EVIDENCE: Evidence = {
  before: EMPTY,
  after: { ...EMPTY, journalled: 1_000, messages: 160 },
  journal: { events: 1_000, rowMs: { p50: 1, p99: 2, max: 3 }, lastCommitAt: 3_000, commits: COMMITS, worstSecond: 3 },
  ending: null,
};
const DRIVEN: Driven = {
  startedAt: 0,
  rateFrom: null,
  phase: null,
  events: 1_000,
  ending: null,
  total: { sent: 1_000, acknowledged: 1_000, messages: 160 },
  cpu: {},
  transactions: 4,
  peakMb: {},
};

describe('the rate of a drain', () => {
  it('is of what comes after the first commit', () => {
    expect(drainRate(COMMITS)).toBe(450);
    expect(drainRate(COMMITS.slice(0, 1))).toBe(0);
    expect(drainRate([])).toBe(0);
  });

  it('begins where warm workers were let loose', () => {
    expect(drained(EVIDENCE)).toMatchObject({ rowsPerSecond: 450 });
    expect(drained(EVIDENCE, { ...DRIVEN, rateFrom: 2_500 })).toMatchObject({ rowsPerSecond: 2_000 });
  });
});

describe('the result of a drain', () => {
  it('has no problem where all that waited is in journal and rows', () => {
    expect(drained(EVIDENCE)).toMatchObject({ problems: [], events: 1_000 });
  });

  it('has a problem where rows lack a message', () => {
    expect(drained({ ...EVIDENCE, after: { ...EVIDENCE.after, messages: 159 } }).problems).toEqual([
      '160 messages were acknowledged and 159 are in the rows',
    ]);
  });

  it('has a problem where a clock that was set leaves events out of the measured time', () => {
    const journal = EVIDENCE.journal === null ? null : { ...EVIDENCE.journal, events: 900 };
    for (const one of [journal, null]) expect(drained({ ...EVIDENCE, journal: one }).problems).toHaveLength(1);
  });
});

function drained(evidence: Evidence, driven = DRIVEN) {
  const scenario = allScenarios(1).find(({ name }) => name === 'drain-10k');
  if (scenario === undefined) throw new Error('there is a scenario of that name');
  const run = { system: SYSTEMS.product, scenario, backend: 'redis', appendfsync: 'everysec', seed: 1, round: 1 } as const;
  return resultOf(run, driven, evidence);
}
