import { describe, expect, it } from 'vitest';
import { namedMetrics } from '../../support/monitoring/named-metrics.js';

describe('the metrics that a query names', () => {
  it.each([
    ['sum by (le, outcome) (rate(a_total{outcome=~"b|c", job="d"}[5m])) > 0.1', ['a_total']],
    ['max(used_bytes) / on (x) group_left (y) max without (z) (limit_bytes) or vector(0)', ['used_bytes', 'limit_bytes']],
    ['time() - max by (access_url) (answered_seconds offset 5m) unless absent(up{job=~"a{2}"})', ['answered_seconds', 'up']],
    ['histogram_quantile(0.95, sum by (le) (rate(late_bucket[1m])))', ['late_bucket']],
  ])('are those of %s', (expr, metrics) => {
    expect(namedMetrics(expr)).toEqual(metrics);
  });
});
