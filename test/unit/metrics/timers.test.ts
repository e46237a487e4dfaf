import { fold } from '@bbb-activity/metrics/fold';
import type { FoldEvent } from '@bbb-activity/metrics/fold-event';
import { describe, expect, it } from 'vitest';
import { darkens, falls, films, joined, left, meetingEnded, mutes, shares, talks, unmutes, unshares } from './events.js';

function only(events: readonly FoldEvent[]) {
  const [session, ...others] = fold(events, null);
  if (session === undefined || others.length > 0) throw new Error('expected one session');
  return session;
}

describe('timers', () => {
  it('tell finished time and the start of what runs apart', () => {
    const session = only([joined(0), talks(10), falls(30), talks(50), shares(60)]);
    expect(session.elapsed).toEqual({ talk: 20, microphone: 0, camera: 0, screenshare: 0 });
    expect(session.running).toEqual({ talk: 50, microphone: null, camera: null, screenshare: 60 });
  });

  it('are not changed by a start of what runs, nor by a stop of what is off', () => {
    expect(only([joined(0), mutes(5), unmutes(10), unmutes(20), mutes(30), mutes(40)]).elapsed.microphone).toBe(20);
  });

  it.each([
    ['talk', talks, falls],
    ['microphone', unmutes, mutes],
    ['screenshare', shares, unshares],
  ] as const)('count %s of two connections once', (kind, start, stop) => {
    const both = [start(10, 'w_a'), start(20, 'w_b'), stop(30, 'w_a'), stop(50, 'w_b')];
    expect(only([joined(0, 'w_a'), joined(0, 'w_b'), ...both]).elapsed[kind]).toBe(40);
  });

  it('run for a camera until the last of its streams is off', () => {
    expect(only([joined(0), films(10, 's1'), films(20, 's2'), darkens(30, 's1'), darkens(50, 's2')]).elapsed.camera).toBe(40);
  });

  it('keep cameras without a stream as one anonymous stream, apart from named ones', () => {
    expect(only([films(0), films(10), darkens(30)]).elapsed.camera).toBe(30);
    expect(only([films(0, 's1'), darkens(30)])).toMatchObject({ elapsed: { camera: 0 }, running: { camera: 0 } });
  });

  it('tell equal streams of two connections apart', () => {
    const session = only([films(0, 's', 'w_a'), films(10, 's', 'w_b'), darkens(20, 's', 'w_a'), darkens(50, 's', 'w_b')]);
    expect(session.elapsed.camera).toBe(50);
  });

  it('stop for every source of a connection that leaves, and go on for the others', () => {
    const session = only([
      joined(0, 'w_a'),
      joined(0, 'w_b'),
      unmutes(10, 'w_a'),
      films(10, 's1', 'w_a'),
      films(10, 's2', 'w_a'),
      films(15, 's3', 'w_b'),
      left(20, 'w_a'),
    ]);
    expect(session.elapsed).toMatchObject({ microphone: 10, camera: 0 });
    expect(session.running).toMatchObject({ microphone: null, camera: 10 });
  });

  it('stop when the session closes', () => {
    const sources = [talks(10), unmutes(20), films(30), shares(40)];
    for (const close of [left(100), meetingEnded(100)]) {
      const session = only([joined(0), ...sources, close]);
      expect(session.elapsed).toEqual({ talk: 90, microphone: 80, camera: 70, screenshare: 60 });
      expect(session.running).toEqual({ talk: null, microphone: null, camera: null, screenshare: null });
    }
  });

  it('begin anew in the next session', () => {
    const sessions = fold([joined(0), unmutes(10), left(20), joined(10_000)], null);
    expect(sessions[1]).toMatchObject({ elapsed: { microphone: 0 }, running: { microphone: null } });
  });

  it('take a screen share of a connection that was not seen to join, while the session is open', () => {
    expect(only([joined(0, 'w_a'), shares(10, 'w_b'), left(30, 'w_b')]).elapsed.screenshare).toBe(20);
  });
});

describe('talk was seen', () => {
  it('where a talking start took effect, even for no time', () => {
    expect(only([joined(0), talks(10)]).talkSeen).toBe(true);
    expect(only([joined(0), talks(10), falls(10)]).talkSeen).toBe(true);
  });

  it('neither by an open microphone, nor by a stop, nor by a start that changed nothing', () => {
    expect(only([joined(0), unmutes(10), falls(20)]).talkSeen).toBe(false);
    expect(only([joined(0), left(20), talks(30)]).talkSeen).toBe(false);
  });

  it('in the session in which it was, not in the next', () => {
    expect(fold([talks(0), left(10), joined(10_000)], null).map(({ talkSeen }) => talkSeen)).toEqual([true, false]);
  });
});
