import { freePort } from '@bbb-activity/app-standalone/free-port';
import { type SignedPlannedRequest, signPlannedRequest } from '@bbb-activity/simulator/sign-planned-request';
import { describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl } from '../../support/bbb-sender.js';
import { CrashPlace } from '../../support/crash/crash-place.js';
import { type Sending, sendOneByOne } from '../../support/crash/one-by-one.js';
import { KEYS } from '../../support/ingress-server.js';
import { BACKENDS } from '../../support/law/system.js';
import { share } from '../../support/share.js';

/** Points of a delivery in their order; at each, whether the queue has its events by then. */
const POINTS = [
  { point: 'before the queue has it', queued: false },
  { point: 'after the queue has it', queued: true },
  { point: 'before the answer', queued: true },
  { point: 'before the answer', queued: true },
];

describe.concurrent.each(share(BACKENDS, (kind) => kind === 'redis'))(
  'ingress killed again and again in the same delivery, with the queue in %s',
  (kind) => {
    it('before and after it is queued, and before the answer, loses and doubles nothing', async () => {
      const place = await CrashPlace.open(kind, [2_001, 2_002, 2_003]);
      try {
        const port = String(await freePort());
        await place.start('worker');
        const victim = [...place.identitiesOf(place.requests.slice(0, 1))];
        expect(victim.length).toBeGreaterThan(0);
        const sending = sendOneByOne(signed(place, port));
        for (const { point, queued } of POINTS) {
          await place.doomed('ingress', { point, time: 1 }, { PORT: port }).death();
          expect(sending.lost, point).toEqual([]);
          await place.untilEmpty();
          expect(await place.journalHas(victim), point).toBe(queued ? victim.length : 0);
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

    it('before and after a part that cannot be read is kept, keeps it once', async () => {
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
        ] as const) {
          await place.doomed('ingress', { point, time: 1 }, { PORT: port }).death();
          expect(await place.deadLetters(), point).toBe(letters);
        }
        await place.start('ingress', { PORT: port });
        await sending.done;
        expectLost(sending, 2);
        expect(await place.deadLetters()).toBe(1);
      } finally {
        await place.close();
      }
    });
  },
);

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
