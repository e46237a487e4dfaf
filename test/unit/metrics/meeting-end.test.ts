import { fold } from '@bbb-activity/metrics/fold';
import { describe, expect, it } from 'vitest';
import { films, joined, left, meetingEnded, unmutes, writes } from './events.js';

describe('the end of the meeting', () => {
  it.each(['meeting_ended', 'not_running', 'silence'] as const)('closes what is open, by %s, with its timers', (by) => {
    expect(fold([joined(0), unmutes(10)], { at: 60, by })).toMatchObject([
      { outAt: 60, closedBy: by, elapsed: { microphone: 50 } },
    ]);
  });

  it('leaves alone what was closed before', () => {
    expect(fold([joined(0), left(10)], { at: 60, by: 'silence' })).toMatchObject([{ outAt: 10, closedBy: 'left' }]);
  });

  it('cuts off every event after it, and none at it', () => {
    const end = { at: 60, by: 'meeting_ended' } as const;
    expect(fold([joined(0), writes(60), writes(61), joined(70, 'w_b')], end)).toMatchObject([{ outAt: 60, messages: 1 }]);
    expect(fold([joined(61), writes(62)], end)).toEqual([]);
  });

  it('comes last at its time: `left` at the same time is how the session closed, `joined` is a session of no length', () => {
    const end = { at: 60, by: 'meeting_ended' } as const;
    expect(fold([joined(0), left(60)], end)).toMatchObject([{ outAt: 60, closedBy: 'left' }]);
    expect(fold([joined(60)], end)).toMatchObject([{ inAt: 60, outAt: 60, closedBy: 'meeting_ended' }]);
  });
});

describe('`meeting ended` of a meeting without an internal id', () => {
  it('closes what is open and does not stop later sessions', () => {
    const sessions = fold([joined(0), films(10), meetingEnded(60), joined(100), left(130)], null);
    expect(sessions).toMatchObject([
      { inAt: 0, outAt: 60, closedBy: 'meeting_ended', elapsed: { camera: 50 } },
      { inAt: 100, outAt: 130, closedBy: 'left', elapsed: { camera: 0 } },
    ]);
  });

  it('closes only once where it is told again', () => {
    expect(fold([joined(0), meetingEnded(60), meetingEnded(80)], null)).toMatchObject([{ outAt: 60 }]);
  });

  it('is no `left` of anyone: what a connection does next opens a session', () => {
    expect(fold([joined(0), meetingEnded(60), writes(70)], null)).toMatchObject([
      { outAt: 60, messages: 0 },
      { inAt: 70, messages: 1 },
    ]);
  });

  it('comes after everything of its time', () => {
    expect(fold([meetingEnded(60), writes(60), joined(0)], null)).toMatchObject([{ outAt: 60, messages: 1 }]);
  });

  it('may be followed by a presumed end', () => {
    expect(fold([joined(0), meetingEnded(60), joined(100)], { at: 150, by: 'silence' })).toMatchObject([
      { outAt: 60, closedBy: 'meeting_ended' },
      { outAt: 150, closedBy: 'silence' },
    ]);
  });
});
