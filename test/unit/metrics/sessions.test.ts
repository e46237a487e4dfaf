import { fold } from '@bbb-activity/metrics/fold';
import type { FoldEvent } from '@bbb-activity/metrics/fold-event';
import { describe, expect, it } from 'vitest';
import {
  darkens,
  falls,
  films,
  joined,
  left,
  meetingEnded,
  mutes,
  raises,
  reacts,
  shares,
  talks,
  unmutes,
  unshares,
  votes,
  writes,
} from './events.js';

const stays = (events: readonly FoldEvent[]) => fold(events, null).map(({ inAt, outAt, closedBy }) => [inAt, outAt, closedBy]);

describe('sessions', () => {
  it('are none where there are no events', () => {
    expect(fold([], null)).toEqual([]);
    expect(fold([], { at: 10, by: 'silence' })).toEqual([]);
  });

  it.each([
    ['joined', joined(1)],
    ['talk', talks(1)],
    ['an open microphone', unmutes(1)],
    ['a camera', films(1)],
    ['a message', writes(1)],
    ['a reaction', reacts(1, '👍')],
    ['a raised hand', raises(1)],
  ])('are opened by %s', (_, opening) => {
    expect(stays([opening])).toEqual([[1, null, null]]);
  });

  it.each([
    ['left', left(1)],
    ['the end of talk', falls(1)],
    ['a muted microphone', mutes(1)],
    ['the end of a camera', darkens(1)],
    ['the start of a screen share', shares(1)],
    ['the end of a screen share', unshares(1)],
    ['an answer to a poll', votes(1)],
    ['the end of a reaction', reacts(1, 'none')],
    ['an empty reaction', reacts(1, '')],
    ['the end of the meeting', meetingEnded(1)],
  ])('are never opened by %s', (_, event) => {
    expect(stays([event])).toEqual([]);
  });

  it('last as long as one of the connections is there', () => {
    expect(
      stays([joined(0, 'w_a'), joined(5, 'w_b'), left(10, 'w_a'), joined(15, 'w_c'), left(20, 'w_b'), left(30, 'w_c')]),
    ).toEqual([[0, 30, 'left']]);
  });

  it('gain a connection through any opening event of it', () => {
    expect(stays([joined(0, 'w_a'), writes(5, 'w_b'), left(10, 'w_a')])).toEqual([[0, null, null]]);
    expect(stays([joined(0, 'w_a'), writes(5, 'w_b'), left(10, 'w_a'), left(12, 'w_b')])).toEqual([[0, 12, 'left']]);
  });

  it('are two where the person comes back after a time away', () => {
    expect(stays([joined(0), left(10), joined(20), left(30)])).toEqual([
      [0, 10, 'left'],
      [20, 30, 'left'],
    ]);
  });

  it('go on where another connection joins at the instant at which the last one leaves', () => {
    expect(stays([joined(0, 'w_a'), left(10, 'w_a'), joined(10, 'w_b'), left(20, 'w_b')])).toEqual([[0, 20, 'left']]);
  });

  it('have no length where the only events stand at one instant', () => {
    expect(stays([joined(10), left(10)])).toEqual([[10, 10, 'left']]);
    expect(stays([left(10), writes(10)])).toEqual([[10, 10, 'left']]);
  });

  it('do not close when a connection leaves that was never there', () => {
    expect(stays([joined(0, 'w_a'), left(10, 'w_b')])).toEqual([[0, null, null]]);
  });

  describe('of events without a connection', () => {
    it('share one connection', () => {
      expect(stays([joined(0, null), writes(5, null), left(10, null)])).toEqual([[0, 10, 'left']]);
    });

    it('end for all of the person by its `left`', () => {
      const [session] = fold([joined(0, 'w_a'), films(1, 's', 'w_a'), joined(2, 'w_b'), joined(3, null), left(10, null)], null);
      expect(session).toMatchObject({ outAt: 10, closedBy: 'left', elapsed: { camera: 9 } });
    });

    it('end for all of the person by its `left`, even if it was never there itself', () => {
      expect(stays([joined(0, 'w_a'), joined(2, 'w_b'), left(10, null)])).toEqual([[0, 10, 'left']]);
    });

    it('stay when another connection leaves', () => {
      expect(stays([joined(0, null), joined(2, 'w_b'), left(10, 'w_b')])).toEqual([[0, null, null]]);
    });

    it('do not silence the connections that its `left` removed: they did not leave themselves', () => {
      expect(stays([joined(0, 'w_a'), left(10, null), writes(20, 'w_a')])).toEqual([
        [0, 10, 'left'],
        [20, null, null],
      ]);
    });
  });
});
