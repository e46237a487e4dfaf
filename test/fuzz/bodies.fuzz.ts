import { expect, it } from 'vitest';
import { fuzzIngress } from '../support/fuzz/fuzz-ingress.js';
import { expectUnharmed, told } from '../support/fuzz/fuzz-law.js';
import { ownPrefix, redisUrl } from '../support/services.js';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const bodies = Number(process.env['FUZZ_BODIES'] ?? 20_000);

it(`no body harms ingress (FUZZ_SEED=${seed} FUZZ_BODIES=${bodies} npm run test:fuzz)`, async () => {
  const report = await fuzzIngress(seed, bodies, {
    REDIS_URL: redisUrl(),
    REDIS_ALLOW_UNSAFE: 'true',
    QUEUE_PREFIX: ownPrefix(),
  });
  process.stdout.write(`${told(seed, report)}\n`);
  expectUnharmed(report);
  expect(report.sent).toBe(bodies);
});
