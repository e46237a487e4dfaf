import { advance, FoldOrderError, fold } from '@bbb-activity/metrics/fold';
import type { FoldEvent, MeetingEnd } from '@bbb-activity/metrics/fold-event';
import { canAdvance, emptyState, FOLD_STATE_VERSION, readState } from '@bbb-activity/metrics/fold-state';
import { describe, expect, it } from 'vitest';
import { films, joined, left, talks, unmutes, writes } from './events.js';

const stateAfter = (events: readonly FoldEvent[], end: MeetingEnd | null = null) => advance(emptyState(), events, end).state;
const ended: MeetingEnd = { at: 100, by: 'meeting_ended' };

describe('a state', () => {
  it('can take events that are strictly later than the last one folded', () => {
    const state = stateAfter([joined(10)]);
    expect(state.lastAt).toBe(10);
    expect(canAdvance(state, [writes(11)], null)).toBe(true);
    expect(canAdvance(state, [writes(10)], null)).toBe(false);
    expect(canAdvance(state, [writes(11), writes(9)], null)).toBe(false);
    expect(canAdvance(emptyState(), [writes(0)], null)).toBe(true);
  });

  it('can take a first end that is not before the last event, and events beside it', () => {
    const state = stateAfter([joined(100)]);
    expect(canAdvance(state, [], ended)).toBe(true);
    expect(canAdvance(state, [writes(101)], ended)).toBe(true);
    expect(canAdvance(state, [], { at: 99, by: 'silence' })).toBe(false);
  });

  it('cannot take another end than the one applied, nor its lifting', () => {
    const state = stateAfter([joined(10)], ended);
    expect(canAdvance(state, [], ended)).toBe(true);
    expect(canAdvance(state, [], { ...ended, by: 'silence' })).toBe(false);
    expect(canAdvance(state, [], { ...ended, at: 120 })).toBe(false);
    expect(canAdvance(state, [], null)).toBe(false);
  });

  it('of an ended meeting takes what is after the end without effect, and nothing before it', () => {
    const state = stateAfter([joined(10)], ended);
    expect(advance(state, [writes(101)], ended)).toEqual({ state, sessions: [] });
    expect(canAdvance(state, [writes(100)], ended)).toBe(false);
    expect(canAdvance(state, [writes(50)], ended)).toBe(false);
  });

  it('refuses what it cannot take instead of giving other numbers', () => {
    const refused = () => advance(stateAfter([joined(10)]), [writes(10)], null);
    expect(refused).toThrow(FoldOrderError);
    expect(refused).toThrow(expect.objectContaining({ code: 'fold_order' }));
  });

  it('is left as it is by an advance', () => {
    const state = stateAfter([joined(0), films(1, 's')]);
    const before = structuredClone(state);
    advance(state, [films(2, 's2'), left(3)], null);
    expect(state).toEqual(before);
  });

  it('is read again from JSON, and not where it is of another version', () => {
    const state = stateAfter([joined(0), films(1, 's'), left(2), writes(10_000)]);
    expect(readState(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(readState({ ...state, version: FOLD_STATE_VERSION + 1 })).toBeNull();
    for (const other of [null, 'text', 5, [], {}]) expect(readState(other)).toBeNull();
  });

  it('keeps no history: hundreds of visits leave no more than the last one', () => {
    const visits = Array.from({ length: 300 }, (_, i) => [
      joined(i * 10_000, `w_${i}`),
      left(i * 10_000 + 1_000, `w_${i}`),
    ]).flat();
    const state = stateAfter(visits);
    expect(state.next).toBe(300);
    expect(state.sessions).toHaveLength(1);
    expect(state.left).toHaveLength(1);
    expect(JSON.stringify(stateAfter([...visits, joined(4_000_000)])).length).toBeLessThan(120);
  });

  it('forgets who left once 5 s have passed, and everything but the number of sessions at the end', () => {
    const both = [joined(0, 'w_a'), joined(0, 'w_b'), left(1_000, 'w_a')];
    expect(stateAfter([...both, writes(5_999, 'w_b')]).left).toEqual([['w_a', 1_000, 0]]);
    expect(stateAfter([...both, writes(6_000, 'w_b')]).left).toBeUndefined();
    expect(stateAfter(both, { at: 2_000, by: 'silence' })).toEqual({
      version: FOLD_STATE_VERSION,
      lastAt: 2_000,
      next: 1,
      end: { at: 2_000, by: 'silence' },
    });
  });
});

describe('an advance', () => {
  it('tells the sessions that changed by their place among all', () => {
    const first = advance(emptyState(), [joined(0), left(1_000), joined(10_000)], null);
    expect(first.sessions.map(({ ordinal }) => ordinal)).toEqual([0, 1]);
    const second = advance(first.state, [writes(11_000)], null);
    expect(second.sessions).toMatchObject([{ ordinal: 1, session: { inAt: 10_000, messages: 1 } }]);
  });

  it('tells a closed session again where a late count goes to it', () => {
    const state = stateAfter([joined(0, 'w_a'), left(10_000, 'w_a'), joined(11_000, 'w_b'), left(12_000, 'w_b')]);
    const { sessions } = advance(state, [writes(13_000, 'w_a')], null);
    expect(sessions).toMatchObject([{ ordinal: 0, session: { inAt: 0, outAt: 10_000, messages: 1 } }]);
  });

  it('tells nothing where nothing changed', () => {
    const state = stateAfter([joined(0), unmutes(1)]);
    expect(advance(state, [unmutes(2), joined(3, 'w_b')], null).sessions).toEqual([]);
    expect(advance(state, [], null).sessions).toEqual([]);
  });

  it('with an end alone closes the open session', () => {
    const { sessions, state } = advance(stateAfter([joined(0), talks(50)]), [], ended);
    expect(sessions).toMatchObject([{ ordinal: 0, session: { outAt: 100, closedBy: 'meeting_ended', elapsed: { talk: 50 } } }]);
    expect(sessions.map(({ session }) => session)).toEqual(fold([joined(0), talks(50)], ended));
    expect(advance(state, [], ended)).toEqual({ state, sessions: [] });
  });
});
