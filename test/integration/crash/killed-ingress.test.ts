import { type SignedPlannedRequest, signPlannedRequest } from '@bbb-activity/simulator/sign-planned-request';
import { describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl } from '../../support/bbb-sender.js';
import { CrashPlace } from '../../support/crash/crash-place.js';
import { type Sending, sendOneByOne } from '../../support/crash/one-by-one.js';
import { KEYS } from '../../support/ingress-server.js';
import { BACKENDS } from '../../support/law/system.js';
import { freePort } from '../../support/redis-server.js';

/** Points of a delivery in their order; at each, whether the queue has its events by then. */
const POINTS = [
  { point: 'before the queue has it', queued: false },
  { point: 'after the queue has it', queued: true },
  { point: 'before the answer', queued: true },
  { point: 'before the answer', queued: true },
];
/** Deliveries that are answered before. */
const BEFORE = 5;

describe.concurrent.each(BACKENDS)('ingress killed again and again in the same delivery, with the queue in %s', (kind) => {
  it('before and after it is queued, and before the answer, loses and doubles nothing', { timeout: 180_000 }, async () => {
    const place = await CrashPlace.open(kind, [2_001, 2_002, 2_003]);
    try {
      const port = String(await freePort());
      await place.start('worker');
      const requests = signed(place, port);
      const { victim, fresh } = choose(place);
      const answered = sendOneByOne(requests.slice(0, victim));
      const quick = await place.start('ingress', { PORT: port });
      await answered.done;
      await quick.stop();
      const sending = sendOneByOne(requests.slice(victim));
      for (const { point, queued } of POINTS) {
        await place.doomed('ingress', { point, time: 1 }, { PORT: port }).death();
        expect(sending.lost, point).toEqual([]);
        await place.untilEmpty();
        expect(await place.journalHas(fresh), point).toBe(queued ? fresh.length : 0);
      }
      await place.start('ingress', { PORT: port });
      await sending.done;
      expectLost(sending, POINTS.length);
      const outcome = await place.outcome();
      expect(outcome).toMatchObject({ differences: [], journalled: outcome.events, deadLetters: 0 });
    } finally {
      await place.close();
    }
  });

  it('before and after a part that cannot be read is kept, keeps it once', { timeout: 180_000 }, async () => {
    const place = await CrashPlace.open(kind, []);
    try {
      const port = String(await freePort());
      const sending = sendOneByOne([
        {
          url: callbackUrl(`http://127.0.0.1:${port}`),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: bbbBody([bbbEvent('user-joined'), { data: 'no event' }]),
        },
      ]);
      for (const [point, letters] of [
        ['before the dead letter is kept', 0],
        ['after the dead letter is kept', 1],
        ['after the dead letter is kept', 1],
      ] as const) {
        await place.doomed('ingress', { point, time: 1 }, { PORT: port }).death();
        expect(await place.deadLetters(), point).toBe(letters);
      }
      await place.start('ingress', { PORT: port });
      await sending.done;
      expectLost(sending, 3);
      expect(await place.deadLetters()).toBe(1);
      await place.start('worker');
      expect(await place.outcome()).toMatchObject({ journalled: 1, deadLetters: 1 });
    } finally {
      await place.close();
    }
  });
});

/** A delivery in the middle that brings something, and the identities of what is new in it. */
function choose(place: CrashPlace): { victim: number; fresh: string[] } {
  for (let victim = BEFORE; victim < place.requests.length; victim += 1) {
    const before = place.identities(0, victim);
    const fresh = [...place.identities(victim, victim + 1)].filter((identity) => !before.has(identity));
    if (fresh.length > 1) return { victim, fresh };
  }
  throw new Error('no delivery brings anything new');
}

/** The first delivery, so often, and no other. */
function expectLost({ lost }: Sending, times: number): void {
  expect(lost).toEqual(lost.map((_, index) => (index === 0 ? times : 0)));
}

function signed(place: CrashPlace, port: string): SignedPlannedRequest[] {
  const now = Math.floor(Date.now() / 1_000);
  const keys = {
    target: `http://127.0.0.1:${port}`,
    sharedSecret: KEYS.BBB_SECRET,
    salt: KEYS.WEBHOOK_SALT,
    kernelSecret: KEYS.KERNEL_SECRET,
    registeredAt: [now - 300, now] as const,
  };
  return place.requests.map((request) => signPlannedRequest(request, keys, now));
}
