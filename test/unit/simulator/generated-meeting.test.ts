import { generateMeeting } from '@bbb-activity/simulator/generated-meeting';
import { describe, expect, it } from 'vitest';
import { marksAfter, marksOf } from '../../support/law/look-for-ends.js';
import { inOrder, rowsOfScript } from '../../support/law/rows.js';
import { foldWhole, identityKeyOf, type Marks, readRequests } from '../../support/law/whole-fold.js';

const deliveredAt = 1_800_000_000_000;
const key = identityKeyOf('a key');
const SEEDS = Array.from({ length: 80 }, (_, index) => index + 1);
const WAYS = [
  { policy: 'register', looked: true },
  { policy: 'known', looked: true },
  { policy: 'register', looked: false },
] as const;

describe('a generated meeting', () => {
  it.each(WAYS)('has numbers that its script and the fold of its events agree about (%o)', ({ policy, looked }) => {
    for (const seed of SEEDS) {
      const { plan, script, expected } = generateMeeting(seed, { deliveredAt, policy, looked });
      const [first, late] = [plan.requests, plan.late].map((requests) => readRequests(requests, key));
      const marks: Marks = looked ? marksAfter(marksOf(first ?? [], policy, script.server), first ?? [], late ?? []) : new Map();
      const folded = foldWhole([...(first ?? []), ...(late ?? [])], policy, marks);
      expect(inOrder(folded), `seed ${seed}`).toEqual(inOrder(expected.map(rowsOfScript)));
    }
  });

  it('holds every corner often enough among some dozens', () => {
    const rooms = SEEDS.flatMap((seed) => {
      const meeting = generateMeeting(seed, { deliveredAt, policy: 'known', looked: true });
      return meeting.expected.map((occurrence) => ({ ...meeting, occurrence }));
    });
    const count = (is: (room: (typeof rooms)[number]) => boolean) => rooms.filter(is).length;
    expect(count(({ occurrence }) => occurrence.presumedEnd === 'not_running')).toBeGreaterThan(1);
    expect(count(({ occurrence }) => occurrence.presumedEnd === 'silence')).toBeGreaterThan(1);
    expect(count(({ occurrence }) => !occurrence.known)).toBeGreaterThan(1);
    expect(count(({ occurrence }) => occurrence.announced !== null)).toBeGreaterThan(1);
    expect(count(({ plan }) => plan.late.length > 0)).toBeGreaterThan(1);
    expect(count(({ script }) => JSON.stringify(script).includes('stranger'))).toBeGreaterThan(1);
  });

  it('is the same for the same seed', () => {
    const options = { deliveredAt, policy: 'register', looked: true } as const;
    expect(generateMeeting(42, options)).toEqual(generateMeeting(42, options));
  });
});
