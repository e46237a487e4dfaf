import { fold } from '@bbb-activity/metrics/fold';
import type { FoldEvent } from '@bbb-activity/metrics/fold-event';
import { describe, expect, it } from 'vitest';
import { films, joined, left, raises, reacts, shares, talks, unmutes, votes, writes } from './events.js';

const rows = (events: readonly FoldEvent[]) => fold(events, null).map(({ inAt, outAt, messages }) => ({ inAt, outAt, messages }));

describe("for 5,000 ms after a connection's own `left`", () => {
  it.each([
    ['talk', talks],
    ['an open microphone', unmutes],
    ['a camera', (at: number) => films(at)],
    ['a screen share', shares],
  ])('the start of %s changes nothing', (_, start) => {
    expect(fold([joined(0), left(10_000), start(15_000)], null)).toEqual(fold([joined(0), left(10_000)], null));
  });

  it('its counts go to the session that it left', () => {
    const late = [writes(15_000), reacts(12_000, '👍'), raises(12_000), votes(12_000)];
    const sessions = fold([joined(0), left(10_000), ...late], null);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ outAt: 10_000, messages: 1, reactions: 1, hands: 1, pollAnswers: 1 });
  });

  it('the last millisecond is included, the next one opens a session', () => {
    expect(rows([joined(0), left(10_000), writes(15_000)])).toEqual([{ inAt: 0, outAt: 10_000, messages: 1 }]);
    expect(rows([joined(0), left(10_000), writes(15_001)])).toEqual([
      { inAt: 0, outAt: 10_000, messages: 0 },
      { inAt: 15_001, outAt: null, messages: 1 },
    ]);
  });

  it('its counts go to the open session before the one it left', () => {
    expect(
      rows([joined(0, 'w_a'), left(10_000, 'w_a'), joined(11_000, 'w_b'), writes(12_000, 'w_a'), left(13_000, 'w_b')]),
    ).toEqual([
      { inAt: 0, outAt: 10_000, messages: 0 },
      { inAt: 11_000, outAt: 13_000, messages: 1 },
    ]);
  });

  it('its counts go to the session it left, not to a later one that is closed too', () => {
    const other = [joined(11_000, 'w_b'), left(12_000, 'w_b')];
    expect(rows([joined(0, 'w_a'), left(10_000, 'w_a'), ...other, writes(13_000, 'w_a')])).toEqual([
      { inAt: 0, outAt: 10_000, messages: 1 },
      { inAt: 11_000, outAt: 12_000, messages: 0 },
    ]);
  });

  it('its counts do not bring it back: the session closes when the other connection leaves', () => {
    expect(rows([joined(0, 'w_a'), joined(0, 'w_b'), left(10_000, 'w_a'), writes(11_000, 'w_a'), left(12_000, 'w_b')])).toEqual([
      { inAt: 0, outAt: 12_000, messages: 1 },
    ]);
  });

  it('joining again ends the silence', () => {
    const sessions = fold([joined(0), left(10_000), joined(11_000), unmutes(12_000), left(14_000)], null);
    expect(sessions).toHaveLength(2);
    expect(sessions[1]).toMatchObject({ inAt: 11_000, outAt: 14_000, elapsed: { microphone: 2_000 } });
  });

  it('other connections are not silenced', () => {
    const sessions = fold([joined(0, 'w_a'), left(10_000, 'w_a'), unmutes(10_010, 'w_b')], null);
    expect(sessions).toHaveLength(2);
    expect(sessions[1]).toMatchObject({ inAt: 10_010, outAt: null, running: { microphone: 10_010 } });
  });

  it('a start that was ignored is not known later: its source stays off in the session that opens afterwards', () => {
    const sessions = fold([joined(0), left(10_000), unmutes(12_000), writes(20_000)], null);
    expect(sessions[1]).toMatchObject({ inAt: 20_000, running: { microphone: null } });
  });

  it('a `left` told twice is counted from the second, and the session left is that of the first', () => {
    const other = [joined(11_000, 'w_b'), left(13_000, 'w_b')];
    expect(rows([joined(0, 'w_a'), left(10_000, 'w_a'), ...other, left(12_000, 'w_a'), writes(16_000, 'w_a')])).toEqual([
      { inAt: 0, outAt: 10_000, messages: 1 },
      { inAt: 11_000, outAt: 13_000, messages: 0 },
    ]);
  });

  it('a connection that was removed by the `left` of the null connection and then leaves itself left the last session', () => {
    expect(rows([joined(0, 'w_a'), left(10_000, null), left(10_480, 'w_a'), writes(10_600, 'w_a')])).toEqual([
      { inAt: 0, outAt: 10_000, messages: 1 },
    ]);
  });

  it('of a person whose presence was never seen, counts make a session of no length, and starts make none', () => {
    expect(rows([left(10_000), writes(10_010), writes(10_020), unmutes(10_030)])).toEqual([
      { inAt: 10_010, outAt: 10_010, messages: 2 },
    ]);
    expect(rows([left(10_000), unmutes(10_010), votes(10_020)])).toEqual([]);
  });

  it('of a person whose presence was never seen, counts go to a session that another connection opens or ends at that instant', () => {
    expect(rows([left(10_000), writes(12_000), raises(12_000, 'raise', 'w_b'), left(20_000, 'w_b')])).toEqual([
      { inAt: 12_000, outAt: 20_000, messages: 1 },
    ]);
    expect(rows([left(10_000), raises(12_000), writes(12_000, 'w_b'), left(12_000, 'w_b')])).toEqual([
      { inAt: 12_000, outAt: 12_000, messages: 1 },
    ]);
  });
});
