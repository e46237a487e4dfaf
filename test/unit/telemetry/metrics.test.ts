import { BoundedNames } from '@bbb-activity/telemetry/bounded-names';
import { Metrics } from '@bbb-activity/telemetry/metrics';
import { describe, expect, it } from 'vitest';

describe('names of outside as labels', () => {
  it('are told as they are up to a bound, and as one other beyond, for good', () => {
    const names = new BoundedNames(2);
    expect(['a', 'b', 'a', 'c', 'b', 'd'].map((name) => names.of(name))).toEqual(['a', 'b', 'a', 'other', 'b', 'other']);
  });
});

describe('the metrics of a process', () => {
  it('hold a tallied histogram as Prometheus has it: buckets that add up, inclusive bounds, sum and count', async () => {
    const metrics = new Metrics('test');
    const histogram = metrics.talliedHistogram({ name: 'lateness_seconds', help: 'How late' }, [0.5, 1]);
    for (const value of [0.1, 0.5, 0.75, 30]) histogram.observe(value);
    const lines = (await metrics.text()).split('\n').filter((line) => line.includes('lateness_seconds'));
    expect(lines).toEqual([
      '# HELP lateness_seconds How late',
      '# TYPE lateness_seconds histogram',
      'lateness_seconds_bucket{le="0.5"} 2',
      'lateness_seconds_bucket{le="1"} 3',
      'lateness_seconds_bucket{le="+Inf"} 4',
      'lateness_seconds_sum 31.35',
      'lateness_seconds_count 4',
    ]);
  });

  it('tell what somebody counts by himself as it is when they are read, each time', async () => {
    const metrics = new Metrics('test');
    const counts = { joined: 2 };
    metrics.tallied({ name: 'kinds_total', help: 'Kinds' }, 'kind', () => Object.entries(counts));
    expect(await metrics.text()).toContain('kinds_total{kind="joined"} 2\n');
    counts.joined += 3;
    expect(await metrics.text()).toContain('kinds_total{kind="joined"} 5\n');
  });

  it('look once for two who ask at once', async () => {
    const metrics = new Metrics('test');
    let looks = 0;
    metrics.source(async () => {
      looks += 1;
    });
    await Promise.all([metrics.text(), metrics.text()]);
    expect(looks).toBe(1);
  });

  it('tell which app they are of, and how the process does', async () => {
    const text = await new Metrics('worker').text();
    expect(text).toContain('bbb_activity_info{app="worker"} 1\n');
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  });
});
