import { fold } from '@bbb-activity/metrics/fold';
import type { FoldEvent } from '@bbb-activity/metrics/fold-event';
import { metricsDocument } from '@bbb-activity/metrics/metrics-document';
import { describe, expect, it } from 'vitest';
import { darkens, falls, films, joined, left, mutes, raises, reacts, shares, talks, unmutes, votes, writes } from './events.js';

function documentOf(events: readonly FoldEvent[]) {
  const [session] = fold(events, null);
  if (session === undefined) throw new Error('expected a session');
  return metricsDocument(session);
}

describe('the metrics document', () => {
  it('has exactly the documented keys, and is the same after JSON', () => {
    const document = documentOf([
      joined(0),
      talks(1_000),
      falls(143_500),
      films(2_000),
      darkens(97_999),
      writes(1),
      reacts(2, '👍'),
      reacts(3, '👍'),
      reacts(4, '❤️'),
      raises(5),
      shares(6),
      votes(7),
      left(200_000),
    ]);
    expect(document).toStrictEqual({
      totals: { talk_seconds: 142, camera_seconds: 95 },
      counts: { messages: 1, reactions: 3, hands: 1, reactions_breakdown: { '👍': 2, '❤️': 1 } },
      temp: { talk_started_at: 0, camera_started_at: 0 },
    });
    expect(JSON.parse(JSON.stringify(document))).toStrictEqual(document);
  });

  it('of a session without anything is all zero', () => {
    expect(documentOf([joined(0)])).toStrictEqual({
      totals: { talk_seconds: 0, camera_seconds: 0 },
      counts: { messages: 0, reactions: 0, hands: 0, reactions_breakdown: {} },
      temp: { talk_started_at: 0, camera_started_at: 0 },
    });
  });

  it('tells finished time in `totals` and the start of what runs in `temp`, both rounded down to seconds', () => {
    expect(documentOf([talks(1_000), falls(3_999), talks(5_999), films(7_500)])).toMatchObject({
      totals: { talk_seconds: 2, camera_seconds: 0 },
      temp: { talk_started_at: 5, camera_started_at: 7 },
    });
  });

  it('tells the open microphone as talk where talking was not heard', () => {
    expect(documentOf([unmutes(1_000), mutes(4_000), unmutes(9_000)])).toMatchObject({
      totals: { talk_seconds: 3 },
      temp: { talk_started_at: 9 },
    });
  });

  it('tells talking alone once it was heard, even if the told number falls', () => {
    const microphone = [unmutes(1_000), mutes(60_000), unmutes(70_000)];
    expect(documentOf(microphone).totals.talk_seconds).toBe(59);
    expect(documentOf([...microphone, talks(80_000), falls(82_000)])).toMatchObject({
      totals: { talk_seconds: 2 },
      temp: { talk_started_at: 0 },
    });
  });

  it('keeps a breakdown of its own', () => {
    const [session] = fold([reacts(1, '__proto__')], null);
    if (session === undefined) throw new Error('expected a session');
    const { counts } = metricsDocument(session);
    expect(counts.reactions_breakdown).not.toBe(session.reactionsBreakdown);
    expect(JSON.stringify(counts.reactions_breakdown)).toBe('{"__proto__":1}');
  });
});
