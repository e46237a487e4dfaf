import { generateMeeting } from '@bbb-activity/simulator/generated-meeting';
import { describe, expect, it } from 'vitest';
import { inOrder, rowsOfScript } from '../../support/law/rows.js';
import { foldWhole, identityKeyOf, readRequests } from '../../support/law/whole-fold.js';

const options = { deliveredAt: 1_800_000_000_000 };
const key = identityKeyOf('a key');
const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

describe('a generated meeting', () => {
  it('has numbers that its script and the fold of its events agree about', () => {
    for (const seed of SEEDS) {
      const { plan, expected } = generateMeeting(seed, options);
      const folded = foldWhole(readRequests(plan.requests, key));
      expect(inOrder(folded), `seed ${seed}`).toEqual(inOrder(expected.map(rowsOfScript)));
    }
  });

  it('is the same for the same seed', () => {
    expect(generateMeeting(42, options)).toEqual(generateMeeting(42, options));
  });
});
