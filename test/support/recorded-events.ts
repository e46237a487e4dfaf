import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { readDelivery } from '@bbb-activity/events/read-delivery';
import { readRecording } from '@bbb-activity/simulator/recording';
import { recordingPath } from '@bbb-activity/simulator/recording-path';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import type { Store } from '@bbb-activity/store/client';

/** The events of a recorded meeting, as ingress reads them from the bodies that a BBB server sent. */
export async function recordedEvents(name: 'quiet' | 'flaky'): Promise<ConferenceEvent[]> {
  const requests = await readRecording(recordingPath(name));
  return requests.flatMap(({ body, receivedAt, headers }, index) => {
    const { events, malformed } = readDelivery({
      contentType: headers['content-type'] ?? 'application/x-www-form-urlencoded',
      body: Buffer.from(body),
      accessUrlId: 1,
      mid: null,
      receivedAt,
      requestId: `${name} ${index}`,
      identityKey: Buffer.alloc(32, 1),
      maxEvents: 1_000,
    });
    if (malformed.length > 0) throw new Error(`request ${index} of ${name} cannot be read: ${malformed[0]?.reason}`);
    return events;
  });
}

/** Puts a recorded meeting into a database, in one batch. */
export async function applyRecording(store: Store, name: 'quiet' | 'flaky'): Promise<void> {
  await applyBatch(store, await recordedEvents(name), { policy: 'register' });
}
