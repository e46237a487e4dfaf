import { Pace } from '@bbb-activity/queue/pace';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';

const never = new AbortController().signal;

/** Whether it has begun, without waiting for it. */
function begin(pace: Pace, partition: number, queuedAt: number, signal = never): { done: boolean } {
  const seen = { done: false };
  void pace.begin(partition, queuedAt, signal).then(() => {
    seen.done = true;
  });
  return seen;
}

/** All that can resolve without time passing has resolved. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the pace of the partitions of a process', () => {
  it('holds one that is far ahead until those behind have come near', async () => {
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000 });
    await pace.begin(0, 1_000, never);
    await pace.begin(1, 1_100, never);
    const ahead = begin(pace, 2, 1_101);
    await settled();
    expect(ahead.done).toBe(false);
    pace.end(0, true);
    await settled();
    expect(ahead.done).toBe(false);
    await pace.begin(0, 1_001, never);
    await until('it goes on', () => ahead.done);
  });

  it.each([
    ['has nothing more', (pace: Pace) => pace.end(0, false)],
    ['fails', (pace: Pace) => pace.leave(0)],
  ])('waits for none that %s', async (_, leave) => {
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000 });
    await pace.begin(0, 1_000, never);
    const ahead = begin(pace, 1, 9_000);
    await settled();
    expect(ahead.done).toBe(false);
    leave(pace);
    await until('it goes on', () => ahead.done);
  });

  it('waits for one that is stuck for a time, and goes on', async () => {
    const pace = new Pace({ leadMs: 100, mostHoldMs: 50 });
    await pace.begin(0, 1_000, never);
    const before = performance.now();
    await pace.begin(1, 9_000, never);
    expect(performance.now() - before).toBeGreaterThanOrEqual(49);
  });

  it('waits no longer than a moment for the next batch of one that had more', async () => {
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000 });
    await pace.begin(0, 1_000, never);
    pace.end(0, true);
    await pace.begin(1, 9_000, never);
  });

  it('lets go at once when the worker stops', async () => {
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000 });
    await pace.begin(0, 1_000, never);
    const stopping = new AbortController();
    const ahead = begin(pace, 1, 9_000, stopping.signal);
    await settled();
    expect(ahead.done).toBe(false);
    stopping.abort();
    await until('it goes on', () => ahead.done);
  });
});
