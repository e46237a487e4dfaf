import { fold } from '@bbb-activity/metrics/fold';
import { participantTotals } from '@bbb-activity/metrics/participant-totals';
import { describe, expect, it } from 'vitest';
import { falls, films, joined, left, mutes, raises, reacts, shares, talks, unmutes, votes, writes } from './events.js';

describe('the totals of a participant', () => {
  it('are all zero without a session', () => {
    expect(participantTotals([], 1_000)).toStrictEqual({
      sessions: 0,
      onlineSeconds: 0,
      talkSeconds: 0,
      talkSource: 'microphone',
      microphoneSeconds: 0,
      cameraSeconds: 0,
      screenshareSeconds: 0,
      messages: 0,
      reactions: 0,
      reactionsBreakdown: {},
      hands: 0,
      pollAnswers: 0,
      online: false,
    });
  });

  it('sum milliseconds over the sessions and round down once', () => {
    const visits = [0, 10_000, 20_000].flatMap((at) => [joined(at), films(at + 100), left(at + 1_800)]);
    expect(participantTotals(fold(visits, null), 50_000)).toMatchObject({ sessions: 3, onlineSeconds: 5, cameraSeconds: 5 });
  });

  it('count an open session and its running timers up to now', () => {
    const open = fold([joined(1_000), unmutes(2_000), films(3_000), shares(4_000)], null);
    expect(participantTotals(open, 10_999)).toMatchObject({
      onlineSeconds: 9,
      microphoneSeconds: 8,
      talkSeconds: 8,
      cameraSeconds: 7,
      screenshareSeconds: 6,
      online: true,
    });
  });

  it('never fall below zero where now is earlier than what is told', () => {
    expect(participantTotals(fold([joined(10_000), unmutes(11_000)], null), 5_000)).toMatchObject({
      onlineSeconds: 0,
      microphoneSeconds: 0,
      talkSeconds: 0,
    });
  });

  it('add up the counts, by emoji too', () => {
    const sessions = fold(
      [
        writes(1),
        reacts(2, '👍'),
        raises(3),
        votes(4),
        left(5),
        joined(10_000),
        writes(10_001),
        reacts(10_002, '👍'),
        reacts(10_003, '🎉'),
      ],
      null,
    );
    expect(participantTotals(sessions, 20_000)).toMatchObject({
      sessions: 2,
      messages: 2,
      reactions: 3,
      reactionsBreakdown: { '👍': 2, '🎉': 1 },
      hands: 1,
      pollAnswers: 1,
    });
  });
});

describe('the told talk time', () => {
  const talking = (at: number) => [
    joined(at),
    talks(at + 1_000),
    falls(at + 3_000),
    unmutes(at + 1_000),
    mutes(at + 6_000),
    left(at + 8_000),
  ];
  const microphone = (at: number) => [joined(at), unmutes(at + 1_000), mutes(at + 5_000), left(at + 8_000)];
  const listening = (at: number) => [joined(at), writes(at + 1), left(at + 8_000)];

  it.each([
    ['talking where each session heard it', [...talking(0), ...talking(100_000)], 'talking', 4, 10],
    ['microphone where no session heard talking', [...microphone(0), ...microphone(100_000)], 'microphone', 8, 8],
    ['mixed, session by session, where some heard it', [...talking(0), ...microphone(100_000)], 'mixed', 6, 9],
    ['talking where the other sessions add nothing', [...talking(0), ...listening(100_000)], 'talking', 2, 5],
    ['microphone where some add nothing', [...microphone(0), ...listening(100_000)], 'microphone', 4, 4],
    ['microphone where none adds anything', listening(0), 'microphone', 0, 0],
  ] as const)('is of %s', (_, events, talkSource, talkSeconds, microphoneSeconds) => {
    expect(participantTotals(fold(events, null), 500_000)).toMatchObject({ talkSource, talkSeconds, microphoneSeconds });
  });

  it('is mixed as soon as a microphone opens beside a session that heard talking', () => {
    expect(participantTotals(fold([...talking(0), joined(100_000), unmutes(100_000)], null), 100_000).talkSource).toBe('mixed');
  });
});
