import { describe, expect, it } from 'vitest';
import { fuzzIngress } from '../../support/fuzz/fuzz-ingress.js';
import { expectUnharmed } from '../../support/fuzz/fuzz-law.js';
import { FORMS } from '../../support/fuzz/valid-bodies.js';
import { ownPrefix, redisUrl } from '../../support/services.js';

const BODIES = 2_000;
/** Chance finds more in `npm run test:fuzz`; here a failure is to be the change's. */
const SEED = 1_795_471_486;

describe('bodies that nobody would send', () => {
  it('of every form are taken or told to be wrong, in time, and neither end the process nor fill it', async () => {
    const report = await fuzzIngress(SEED, BODIES, {
      REDIS_URL: redisUrl(),
      REDIS_ALLOW_UNSAFE: 'true',
      QUEUE_PREFIX: ownPrefix(),
    });
    expectUnharmed(report);
    expect(report.sent).toBe(BODIES);
    expect(FORMS).toHaveLength(6);
    // Both endpoints were reached, and both ways of answering.
    expect([...report.answers.keys()]).toEqual(expect.arrayContaining(['legacy 200', 'modern 200', 'modern 400 bad_json']));
  });
});
