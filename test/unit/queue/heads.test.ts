import { Heads, type HeadsOptions } from '@bbb-activity/queue/heads';
import { Pace } from '@bbb-activity/queue/pace';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';

const never = new AbortController().signal;
const unheard = (error: unknown) => {
  throw new Error('nothing fails here', { cause: error });
};
/** Of a backlog: nobody is that far behind the present otherwise. */
const LONG_AGO = 1_000;

/** Heads that are what the test makes of them. */
function headsOf(first: readonly (number | null)[], options: HeadsOptions = { movesWithinMs: 600_000 }) {
  const told = { now: first, asked: 0 };
  const ask = async () => {
    told.asked += 1;
    return told.now;
  };
  return { heads: new Heads(ask, unheard, options), told };
}

/** Whether it has begun, without waiting for it. */
function begin(pace: Pace, partition: number, queuedAt: number): { done: boolean } {
  const seen = { done: false };
  void pace.begin(partition, queuedAt, never).then(() => {
    seen.done = true;
  });
  return seen;
}

describe('the pace over all processes', () => {
  it('holds a partition that is far ahead of one that another process has, until that has come near', async () => {
    const { heads, told } = headsOf([LONG_AGO, null]);
    const ahead = begin(new Pace({ leadMs: 100, mostHoldMs: 600_000, heads }), 1, LONG_AGO + 150);
    await until('it has looked again and again', () => told.asked > 3);
    expect(ahead.done).toBe(false);
    told.now = [LONG_AGO + 60, null];
    await until('it goes on', () => ahead.done);
  });

  it.each([
    ['was given up', (pace: Pace) => pace.leave(0)],
    ['had more, and was not gone on with', (pace: Pace) => pace.end(0, true)],
  ])('holds it for one, too, that this process had itself, and that %s', async (_, end) => {
    const { heads, told } = headsOf([LONG_AGO, null]);
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000, heads });
    await pace.begin(0, LONG_AGO, never);
    end(pace);
    const ahead = begin(pace, 1, LONG_AGO + 150);
    await until('it asks for it', () => told.asked > 3);
    expect(ahead.done).toBe(false);
    const since = told.asked;
    // By then nothing is expected any more of what was in hand here.
    await until('it has looked for more than a second', () => told.asked > since + 25);
    expect(ahead.done).toBe(false);
    told.now = [LONG_AGO + 60, null];
    await until('it goes on', () => ahead.done);
  });

  it('waits for no partition that does not move: its process is gone, or it is paused', async () => {
    const { heads } = headsOf([LONG_AGO, null], { movesWithinMs: 20 });
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000, heads });
    await pace.begin(1, LONG_AGO + 9_000, never);
    expect(await heads.look()).toEqual(new Map());
  });

  it('knows better of a partition that it has itself', async () => {
    const { heads } = headsOf([LONG_AGO, null]);
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000, heads });
    await pace.begin(0, LONG_AGO + 950, never);
    await pace.begin(1, LONG_AGO + 1_000, never);
  });

  it('waits no longer for the answer than for a partition', async () => {
    const heads = new Heads(() => new Promise(() => undefined), unheard);
    await new Pace({ leadMs: 100, mostHoldMs: 20, heads }).begin(1, LONG_AGO, never);
    const stopping = new AbortController();
    let begun = false;
    void new Pace({ leadMs: 100, mostHoldMs: 600_000, heads }).begin(1, LONG_AGO, stopping.signal).then(() => {
      begun = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toBe(false);
    stopping.abort();
    await until('it goes on', () => begun);
  });

  it('asks nobody while jobs are done as they come', async () => {
    const { heads, told } = headsOf([LONG_AGO, null]);
    const pace = new Pace({ leadMs: 60_000, mostHoldMs: 600_000, heads });
    await pace.begin(1, Date.now(), never);
    expect(told.asked).toBe(0);
  });

  it('goes on where it cannot be known how far others are, and tells why', async () => {
    const errors: unknown[] = [];
    const gone = new Error('no answer');
    const heads = new Heads(
      () => Promise.reject(gone),
      (error) => errors.push(error),
      { knownMs: 600_000 },
    );
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000, heads });
    for (const partition of [1, 2]) await pace.begin(partition, LONG_AGO, never);
    // It does not ask again at once.
    expect(errors).toEqual([gone]);
  });

  it('asks once for all that want to know at once', async () => {
    const { heads, told } = headsOf([LONG_AGO, LONG_AGO + 1, null], { knownMs: 600_000, movesWithinMs: 600_000 });
    await Promise.all([heads.look(), heads.look()]);
    const places = await heads.look();
    expect(told.asked).toBe(1);
    expect([...places].map(([partition, { queuedAt }]) => [partition, queuedAt])).toEqual([
      [0, LONG_AGO],
      [1, LONG_AGO + 1],
    ]);
  });
});
