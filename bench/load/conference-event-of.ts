import { deriveKey } from '@bbb-activity/config/secret-key';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { readDelivery } from '@bbb-activity/events/read-delivery';
import type { CampusEvent } from '@bbb-activity/simulator/campus';
import { KEYS } from './keys.js';
import { bodyAt, prepareRequest } from './prepared-request.js';

const IDENTITY_KEY = deriveKey(KEYS.IDENTITY_KEY, 'event identity');

/** The event as ingress would put it into the queue, had its sender told it at `at` (unix ms). */
export function conferenceEventOf(event: CampusEvent, at: number): ConferenceEvent {
  const { events } = readDelivery({
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(bodyAt(prepareRequest(event), at)),
    accessUrlId: 1,
    mid: null,
    receivedAt: at,
    requestId: 'bench',
    identityKey: IDENTITY_KEY,
    maxEvents: 1,
  });
  const [read] = events;
  if (read === undefined) throw new Error(`the simulator's ${event.name} is no event`);
  return read;
}
