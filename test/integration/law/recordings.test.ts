import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { RequestSlots } from '@bbb-activity/simulator/request-slots';
import { SeededRandom } from '@bbb-activity/simulator/seeded-random';
import { signCallbackUrl, signDelivery } from '@bbb-activity/simulator/sign-request';
import { openStore } from '@bbb-activity/store/client';
import { listMeetings } from '@bbb-activity/store/meeting-queries';
import { participantsOf } from '@bbb-activity/store/participant-queries';
import { EVERYTHING } from '@bbb-activity/store/read-scope';
import { describe, expect, it } from 'vitest';
import { post } from '../../support/bbb-sender.js';
import { expectParticipants, readExpected } from '../../support/expected-recording.js';
import { KEYS } from '../../support/ingress-server.js';
import { BACKENDS, LawSystem } from '../../support/law/system.js';
import { createMigratedDatabase } from '../../support/services.js';
import { share } from '../../support/share.js';

const TIMES = 3;
/** Of the order; a run that failed is repeated with LAW_SHUFFLE. */
const SHUFFLE = Number(process.env['LAW_SHUFFLE'] ?? '') || Date.now();

describe.concurrent(`both recordings of a real BBB server, every line three times and in random order (LAW_SHUFFLE=${SHUFFLE})`, () => {
  it.each(share(BACKENDS, (kind) => kind === 'postgres'))(
    'give four worker processes the numbers that their scripts tell, with the queue in %s',
    async (backend) => {
      const database = await createMigratedDatabase();
      const store = openStore({ databaseUrl: database.url, maxConnections: 2 });
      const system = await LawSystem.start({
        backend,
        databaseUrl: database.url,
        policy: 'register',
        workers: 4,
        partitions: 8,
        batchMaxEvents: 50,
      });
      try {
        await sendShuffled(system.address);
        await system.untilEmpty();
        expect(await system.deadLetters()).toBe(0);
        const { items } = await listMeetings(store, EVERYTHING);
        expect(items).toHaveLength(RECORDING_NAMES.length);
        for (const name of RECORDING_NAMES) {
          const recording = await readExpected(name);
          const meeting = items.find(({ internalMeetingId }) => internalMeetingId === recording.meeting.intId);
          expect(meeting).toMatchObject({ remoteId: recording.meeting.extId, status: 'ended' });
          expectParticipants((await participantsOf(store, EVERYTHING, meeting?.id ?? '', Date.now()))?.people ?? [], recording);
        }
      } finally {
        await system.close();
        await store.close();
        await database.drop();
      }
    },
  );
});

/** Signed anew, since the signatures of then have run out; the bodies are those of then. */
async function sendShuffled(target: string): Promise<void> {
  const random = new SeededRandom(SHUFFLE);
  const recordings = await Promise.all(RECORDING_NAMES.map((name) => readRecording(recordingPath(name))));
  const lines = recordings.flat().flatMap(({ body }) => Array.from({ length: TIMES }, () => ({ body, place: random.next() })));
  const keys = { target, sharedSecret: KEYS.BBB_SECRET, salt: KEYS.WEBHOOK_SALT };
  const callbackUrl = signCallbackUrl(keys, Math.floor(Date.now() / 1_000));
  const slots = new RequestSlots(16);
  const statuses = await Promise.all(
    lines
      .sort((a, b) => a.place - b.place)
      .map(({ body }) => slots.run(async () => (await post(signDelivery(callbackUrl, body, keys).url, body)).status)),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
}
