import { describe, expect, it } from 'vitest';
import { failedResult } from '../../../bench/failed-result.js';
import { mostWithinASecond } from '../../../bench/measure/database.js';
import { barsOf, barsTable } from '../../../bench/report/bars.js';
import { costGraph } from '../../../bench/report/cost-graph.js';
import { replaceSections } from '../../../bench/report/markdown.js';
import { ratioLines, ratiosOf } from '../../../bench/report/ratios.js';
import { judgeRegression } from '../../../bench/report/regression.js';
import { resultTable } from '../../../bench/report/result-table.js';
import { mediansOf } from '../../../bench/report/rounds.js';
import type { Result } from '../../../bench/result.js';
import { regressionScenario } from '../../../bench/scenarios.js';
import { SYSTEMS } from '../../../bench/systems/systems.js';

const RESULT: Result = {
  system: 'product',
  scenario: 'live',
  backend: 'redis',
  appendfsync: 'everysec',
  seed: 1,
  round: 1,
  workers: 1,
  events: 1_000,
  acknowledged: 1_000,
  refused: {},
  acksPerSecond: 2_000,
  rowsPerSecond: 2_000,
  ackMs: { p50: 5, p99: 10, max: 20 },
  rowMs: { p50: 100, p99: 200, max: 300 },
  endingMs: null,
  lateMs: 1,
  transactions: 20,
  worstSecond: 85,
  allTransactions: 25,
  rolledBack: 0,
  rowsWritten: { conference_event: 1_000 },
  cpuMs: { ingress: 100, worker: 200, load: 1_000 },
  peakMb: { ingress: 100, worker: 200 },
  problems: [],
};
const SYNC: Result = {
  ...RESULT,
  system: 'sync',
  backend: null,
  rowsPerSecond: 150,
  transactions: 1_000,
  cpuMs: { sync: 1_000 },
};

describe('the most within a second', () => {
  it('finds a second that begins anywhere, its own end left out', () => {
    expect(mostWithinASecond([])).toBe(0);
    expect(mostWithinASecond([0, 900, 950, 1_000, 1_899, 1_900, 3_000])).toBe(4);
  });
});

describe('the bars', () => {
  it('are judged where they were measured, and never met where they were not', () => {
    const bars = barsOf([RESULT, SYNC]);
    const bar = (what: string) => bars.find((one) => one.what.startsWith(what));
    expect(bar('live, ingress to committed row')).toMatchObject({ measured: '13.33 ×', met: true });
    expect(bar('transactions in any second')).toMatchObject({ measured: '85.0', met: true });
    expect(bar('drain of 100 k')).toMatchObject({ measured: null, met: false });
    expect(barsOf([{ ...RESULT, worstSecond: 89 }]).find(({ what }) => what.startsWith('transactions in any'))?.met).toBe(false);
  });
});

describe('several rounds', () => {
  const rounds = [2_000, 1_000, 3_000].flatMap((rowsPerSecond, index) => [
    { ...RESULT, round: index + 1, rowsPerSecond, cpuMs: { ingress: rowsPerSecond / 10, worker: 200, load: 1 } },
    { ...SYNC, round: index + 1, rowsPerSecond: 100 * (index + 1) },
  ]);

  it('are judged by the median of the ratios of each, and told with the least and the most', () => {
    // 20, 5 and 10: of the medians of each it would be 2,000 / 200 as well, but never 30 or 3.3.
    expect(barsOf(rounds)[0]).toMatchObject({ measured: '10.00 × (5.00 × to 20.00 ×)', met: true });
    expect(ratiosOf(rounds)).toMatchObject([{ speed: '10 ×', cpu: '0.40 ×' }]);
    expect(barsOf(rounds.map((one) => (one.round === 2 ? { ...one, problems: ['it broke off'] } : one)))[0]).toMatchObject({
      failed: true,
    });
  });

  it('have the worst of memory and of transactions in a second judged, not the median', () => {
    const worst = rounds.map((one) => ({ ...one, worstSecond: one.round === 2 ? 89 : 80, peakMb: { worker: 100 * one.round } }));
    const bar = (what: string) => barsOf(worst).find((one) => one.what.startsWith(what));
    expect([bar('transactions in any second')?.met, bar('peak memory of a worker (')?.measured]).toEqual([false, '300 MB']);
  });

  it('are one line of the table, of the median of each figure, and what was wrong in any', () => {
    expect(mediansOf(rounds)).toEqual([
      { ...RESULT, round: 2, rowsPerSecond: 2_000, cpuMs: { ingress: 200, worker: 200, load: 1 } },
      { ...SYNC, round: 2, rowsPerSecond: 200 },
    ]);
    const oneFailed = rounds.map((one) => (one.round === 3 ? { ...one, problems: ['it broke off'] } : one));
    expect(mediansOf(oneFailed)).toMatchObject([{ rowsPerSecond: 1_500, problems: ['it broke off'] }, { rowsPerSecond: 150 }]);
  });
});

describe('a run with problems', () => {
  const failed: Result = { ...RESULT, problems: ['1 events were acknowledged and 0 are in the rows'] };

  it('meets no bar that needs it, whatever its figures are', () => {
    expect(barsOf([RESULT, SYNC]).some(({ failed }) => failed)).toBe(false);
    for (const results of [
      [failed, SYNC],
      [RESULT, { ...SYNC, problems: ['it broke off'] }],
    ]) {
      const bars = barsOf(results);
      const live = bars.find(({ what }) => what.startsWith('live'));
      expect(live).toMatchObject({ failed: true, measured: null, met: false });
      expect(barsTable(bars)).toContain('failed run');
    }
    const ofAll = barsOf([failed, { ...RESULT, scenario: 'burst' }]).filter(({ what }) =>
      /any second|peak memory of ingress/.test(what),
    );
    expect(ofAll.map(({ failed, met }) => ({ failed, met }))).toEqual([
      { failed: true, met: false },
      { failed: true, met: false },
    ]);
  });

  it('has no ratio, no point in the graph, and fails the check against sync', () => {
    expect(ratiosOf([failed, SYNC])).toMatchObject([{ failed: true, speed: '', transactions: '', cpu: '' }]);
    expect(ratioLines([failed, SYNC])).toBe('live: product (redis) against sync: failed run');
    expect(costGraph([failed])).not.toContain('<circle');
    expect(judgeRegression([failed, SYNC]).every(({ met }) => met)).toBe(false);
  });

  it('is told with its reason also where it broke off before it had a figure', () => {
    const scenario = regressionScenario();
    const run = { system: SYSTEMS.product, scenario, backend: 'redis', appendfsync: 'everysec', seed: 1, round: 1 } as const;
    const result = failedResult(run, new Error('the queue was not drained within 300 s'));
    expect(resultTable([result])).toContain(
      'FAILED regression product (redis): the run broke off: the queue was not drained within 300 s',
    );
    expect(barsOf([result]).some(({ met }) => met)).toBe(false);
  });
});

describe('the check against sync', () => {
  it('passes for what gathers, and fails for a transaction an event, for dear events, and without sync', () => {
    const met = (...results: Result[]) => judgeRegression(results).every((judgement) => judgement.met);
    expect(met(RESULT, SYNC)).toBe(true);
    expect(met({ ...RESULT, transactions: 1_000 }, SYNC)).toBe(false);
    expect(met({ ...RESULT, cpuMs: { ingress: 400, worker: 400 } }, SYNC)).toBe(false);
    expect(met(RESULT)).toBe(false);
  });
});

describe('the document', () => {
  it('keeps all but what stands between its marks, however often it is written', () => {
    const before = 'one\n<!-- bars -->\nold\n<!-- /bars -->\ntwo';
    const once = replaceSections(before, { bars: 'new' });
    expect(once).toBe('one\n<!-- bars -->\n\nnew\n\n<!-- /bars -->\ntwo');
    expect(replaceSections(once, { bars: 'new' })).toBe(once);
    expect(() => replaceSections('one', { bars: 'new' })).toThrow('no marks');
  });

  it('has a graph also where one measurement is all there is', () => {
    const graph = costGraph([RESULT]);
    expect(graph).toContain('<circle');
    expect(graph).not.toContain('NaN');
  });
});
