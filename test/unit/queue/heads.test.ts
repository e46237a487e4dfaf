import { Heads } from '@bbb-activity/queue/heads';
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
function headsOf(...first: (number | null)[]) {
  const told = { now: first, asked: 0 };
  const heads = new Heads(async () => {
    told.asked += 1;
    return told.now;
  }, unheard);
  return { heads, told };
}

describe('the pace over all processes', () => {
  it('holds a partition that is far ahead of one that another process has, until that has come near', async () => {
    const { heads, told } = headsOf(LONG_AGO, null);
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000, heads });
    let begun = false;
    void pace.begin(1, LONG_AGO + 150, never).then(() => {
      begun = true;
    });
    await until('it has looked again and again', () => told.asked > 3);
    expect(begun).toBe(false);
    told.now = [LONG_AGO + 60, null];
    await until('it goes on', () => begun);
  });

  it('waits for no partition that does not move: its process is gone, or it is paused', async () => {
    const { heads } = headsOf(LONG_AGO, null);
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000, heads });
    await pace.begin(1, LONG_AGO + 9_000, never);
    expect(heads.places(performance.now())).toEqual(new Map());
  });

  it('knows better of a partition that it has itself', async () => {
    const { heads } = headsOf(LONG_AGO, null);
    const pace = new Pace({ leadMs: 100, mostHoldMs: 600_000, heads });
    await pace.begin(0, LONG_AGO + 950, never);
    await pace.begin(1, LONG_AGO + 1_000, never);
  });

  it('asks nobody while jobs are done as they come', async () => {
    const { heads, told } = headsOf(LONG_AGO, null);
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
    );
    await new Pace({ leadMs: 100, mostHoldMs: 600_000, heads }).begin(1, LONG_AGO, never);
    expect(errors).toEqual([gone]);
  });

  it('asks once for all that want to know at once', async () => {
    const { heads, told } = headsOf(LONG_AGO, LONG_AGO + 1, null);
    await Promise.all([heads.look(), heads.look()]);
    await heads.look();
    expect(told.asked).toBe(1);
    const places = heads.places(performance.now());
    expect([...places].map(([partition, { queuedAt }]) => [partition, queuedAt])).toEqual([
      [0, LONG_AGO],
      [1, LONG_AGO + 1],
    ]);
  });
});
