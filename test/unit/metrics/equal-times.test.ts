import { fold } from '@bbb-activity/metrics/fold';
import type { FoldEvent } from '@bbb-activity/metrics/fold-event';
import { compareEvents, instantsOf } from '@bbb-activity/metrics/order';
import { describe, expect, it } from 'vitest';
import { darkens, event, falls, films, joined, left, meetingEnded, mutes, talks, unmutes, writes } from './events.js';

const only = (events: readonly FoldEvent[]) => {
  const sessions = fold(events, null);
  expect(fold([...events].reverse(), null)).toEqual(sessions);
  expect(sessions).toHaveLength(1);
  return sessions[0];
};

describe('events of one time', () => {
  it('are ordered by meaning: joined, starts, counts, stops, left, meeting ended', () => {
    const inOrder = [joined(5), talks(5), writes(5), falls(5), left(5), meetingEnded(5)];
    expect([...inOrder].reverse().sort(compareEvents)).toEqual(inOrder);
  });

  it('are ordered by identity where the meaning is the same, and time comes before both', () => {
    const [a, b, c] = [writes(5, 'w_z', 'a'), writes(5, 'w_a', 'b'), joined(6)];
    expect([c, b, a].sort(compareEvents)).toEqual([a, b, c]);
  });

  it('are taken once for each identity, up to and including a time', () => {
    const events = [writes(2), joined(1), writes(1), writes(2), writes(3)];
    expect([...instantsOf(events, 2)].map(({ at, events: of }) => [at, of.length])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });
});

describe('a stop and a start of one source at one instant', () => {
  it('cancel where the source was on', () => {
    expect(only([joined(0), unmutes(10), mutes(15), unmutes(15)])).toMatchObject({
      elapsed: { microphone: 0 },
      running: { microphone: 10 },
    });
  });

  it('are start, then stop, where it was off', () => {
    expect(only([joined(0), talks(15), falls(15)])).toMatchObject({
      talkSeen: true,
      elapsed: { talk: 0 },
      running: { talk: null },
    });
  });

  it('cancel by source: another stream of the camera stops as told', () => {
    const cameras = [films(0, 's1'), films(0, 's2'), darkens(10, 's1'), films(10, 's1'), darkens(10, 's2'), darkens(20, 's1')];
    expect(only(cameras)).toMatchObject({ elapsed: { camera: 20 }, running: { camera: null } });
    expect(only([films(0, 's1'), darkens(10, 's1'), films(10, 's2')])).toMatchObject({ running: { camera: 0 } });
  });

  it('cancel by connection', () => {
    expect(only([unmutes(0, 'w_a'), mutes(10, 'w_a'), unmutes(10, 'w_b')])).toMatchObject({ running: { microphone: 0 } });
    expect(only([unmutes(0, 'w_a'), mutes(10, 'w_a'), unmutes(10, 'w_b'), mutes(30, 'w_b')])).toMatchObject({
      elapsed: { microphone: 30 },
    });
  });

  it('cancel however often the fact is told by different names', () => {
    const toldTwice = [mutes(10), event('microphone_closed', 10, { identity: 'voice-disabled' }), unmutes(10)];
    expect(only([unmutes(0), ...toldTwice])).toMatchObject({ running: { microphone: 0 } });
  });
});

describe('`left` and `joined` of one connection at one instant', () => {
  it('let the session go on, with the sources of the connection off', () => {
    const session = only([joined(0), unmutes(5), films(6), left(10), joined(10), left(30)]);
    expect(session).toMatchObject({ inAt: 0, outAt: 30, elapsed: { microphone: 5, camera: 4 } });
  });

  it('switch off also a source that is started at that instant', () => {
    expect(only([joined(0), left(10), joined(10), unmutes(10)])).toMatchObject({ outAt: null, running: { microphone: null } });
  });

  it('leave the sources of other connections on', () => {
    const others = [joined(0, 'w_b'), unmutes(5, 'w_b')];
    expect(only([joined(0), ...others, left(10), joined(10)])).toMatchObject({ outAt: null, running: { microphone: 5 } });
  });

  it('do not silence the connection', () => {
    expect(only([joined(0), left(10), joined(10), unmutes(20)])).toMatchObject({ running: { microphone: 20 } });
  });

  it('of the null connection keep it alone', () => {
    const events = [joined(0, null), joined(0, 'w_b'), unmutes(5, 'w_b'), left(10, null), joined(10, null)];
    expect(only(events)).toMatchObject({ outAt: null, elapsed: { microphone: 5 } });
    expect(only([...events, left(20, null)])).toMatchObject({ outAt: 20 });
    expect(only([...events, left(20, 'w_b')])).toMatchObject({ outAt: null });
  });

  it('are a visit of no length where the connection was not there', () => {
    expect(only([joined(10), left(10)])).toMatchObject({ inAt: 10, outAt: 10, closedBy: 'left' });
    expect(only([joined(0, 'w_b'), joined(10), left(10), left(20, 'w_b')])).toMatchObject({ inAt: 0, outAt: 20 });
  });
});
