import { describe, expect, it } from 'vitest';
import { activityScores, DEFAULT_WEIGHTS } from '../../../apps/dashboard/page/src/pages/meeting/score/activity-score.js';
import type { Participant } from '../../../apps/dashboard/src/schemas/participants.js';

const HOUR = 3_600;
const NONE = { attendance: 0, talk: 0, camera: 0, messages: 0, reactions: 0, hands: 0 };

function person(more: Partial<Participant>): Participant {
  return {
    externalUserId: '1',
    name: null,
    sessions: 1,
    onlineSeconds: 0,
    onlineShare: 0,
    firstJoinedAt: null,
    lastLeftAt: null,
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
    running: { talk: false, microphone: false, camera: false, screenshare: false },
    sessionTimes: [],
    ...more,
  };
}

describe('the activity score', () => {
  it('is 100 where every part is reached, also beyond, and 0 where none is', () => {
    const all = { onlineShare: 1, talkSeconds: 360, cameraSeconds: 1_800, messages: 60, reactions: 6, hands: 2 };
    const rule = { weights: DEFAULT_WEIGHTS, toBest: false };
    expect(activityScores([person(all), person({})], HOUR, rule)).toEqual([100, 0]);
  });

  it('does not change with who else is in the group, unless it is measured by the best', () => {
    const rule = { weights: { ...NONE, messages: 50 }, toBest: false };
    const three = person({ messages: 3 });
    expect(activityScores([three], HOUR, rule)).toEqual([50]);
    expect(activityScores([three, person({ messages: 30 })], HOUR, rule)).toEqual([50, 100]);
    expect(activityScores([three, person({ messages: 30 })], HOUR, { ...rule, toBest: true })).toEqual([10, 100]);
  });

  it('is 0 for all where no part has a weight, or nobody did anything', () => {
    expect(activityScores([person({ onlineShare: 1 })], HOUR, { weights: NONE, toBest: false })).toEqual([0]);
    expect(activityScores([person({})], 0, { weights: DEFAULT_WEIGHTS, toBest: true })).toEqual([0]);
  });
});
