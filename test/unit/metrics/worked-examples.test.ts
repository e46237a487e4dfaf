import { fold } from '@bbb-activity/metrics/fold';
import { metricsDocument } from '@bbb-activity/metrics/metrics-document';
import { participantTotals } from '@bbb-activity/metrics/participant-totals';
import { describe, expect, it } from 'vitest';
import { falls, films, joined, left, mutes, raises, talks, unmutes } from './events.js';

/** The numbers of `docs/metrics.md`, "Worked examples", as a person reads them; `now` is late enough to show what never stops. */
const told = (sessions: ReturnType<typeof fold>) => participantTotals(sessions, 1_000_000);

describe('the worked examples', () => {
  const first = [joined(10_000), talks(12_500), falls(15_250), left(20_000)];

  it('1: a visit of 10 s with one stretch of talk is one closed session with 2 whole seconds of talk', () => {
    const sessions = fold(first, null);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ inAt: 10_000, outAt: 20_000, closedBy: 'left', elapsed: { talk: 2_750 } });
    expect(told(sessions)).toMatchObject({ sessions: 1, onlineSeconds: 10, talkSeconds: 2, online: false });
  });

  it('2: the same events backwards and each twice give the same row', () => {
    const backwards = [...first].reverse().flatMap((event) => [event, { ...event }]);
    expect(fold(backwards, null)).toEqual(fold(first, null));
  });

  it('3: two devices that overlap are one session of 20 s with 8 s of camera', () => {
    const sessions = fold(
      [joined(0, 'w_a'), joined(5_000, 'w_b'), left(10_000, 'w_a'), films(12_000, 's1', 'w_b'), left(20_000, 'w_b')],
      null,
    );
    expect(sessions).toHaveLength(1);
    expect(told(sessions)).toMatchObject({ sessions: 1, onlineSeconds: 20, cameraSeconds: 8 });
  });

  it('4: a late end of audio after `left` leaves one closed session', () => {
    const sessions = fold([joined(10_000), left(20_000), mutes(20_010)], null);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ outAt: 20_000, closedBy: 'left' });
  });

  it('5: the made-up `left` after the end of the meeting changes nothing', () => {
    const sessions = fold([joined(0), left(60_005)], { at: 60_000, by: 'meeting_ended' });
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ inAt: 0, outAt: 60_000, closedBy: 'meeting_ended' });
  });

  it('6: a talking start alone opens a row, and 142 s later its stop is told as 142 s', () => {
    const start = talks(1_715_520_123_000, null);
    const [running] = fold([start], null);
    if (running === undefined) throw new Error('no row was opened');
    expect(running.outAt).toBeNull();
    expect(metricsDocument(running)).toMatchObject({ totals: { talk_seconds: 0 }, temp: { talk_started_at: 1_715_520_123 } });
    const [stopped] = fold([start, falls(1_715_520_265_000, null)], null);
    if (stopped === undefined) throw new Error('the row is gone');
    expect(metricsDocument(stopped)).toMatchObject({ totals: { talk_seconds: 142 }, temp: { talk_started_at: 0 } });
  });

  it('7: an unmute just after its own `left` opens no microphone, although another device is still there', () => {
    const sessions = fold(
      [joined(0, 'w_a'), joined(5_000, 'w_b'), left(10_000, 'w_a'), unmutes(10_010, 'w_a'), left(20_000, 'w_b')],
      null,
    );
    expect(told(sessions)).toMatchObject({ sessions: 1, onlineSeconds: 20, microphoneSeconds: 0, talkSeconds: 0, online: false });
  });

  it('8: talk told in whole seconds, 10 to 15 and 15 to 20, is 10 s', () => {
    const sessions = fold([joined(0), talks(10_000), falls(15_000), talks(15_000), falls(20_000), left(30_000)], null);
    expect(told(sessions)).toMatchObject({ talkSeconds: 10 });
  });

  it.each([
    ['the emoji first', [raises(5_000, 'emoji'), raises(5_000, 'shadow')]],
    ['the shadow first', [raises(5_000, 'shadow'), raises(5_000, 'emoji')]],
  ])('8: the emoji `raiseHand` and its shadow are one hand and no reaction: %s', (_, hands) => {
    expect(told(fold([joined(0), ...hands], null))).toMatchObject({ hands: 1, reactions: 0 });
  });
});
