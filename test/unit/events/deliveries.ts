import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { type Delivery, type DeliveryInput, readDelivery } from '@bbb-activity/events/read-delivery';

export const KEY = Buffer.alloc(32, 7);
export const RECEIVED_AT = 1_795_471_500_000;
export const MEETING = { 'internal-meeting-id': 'int-1', 'external-meeting-id': 'ext-1' };
export const USER = { 'internal-user-id': 'w_1', 'external-user-id': '42', name: 'Ada' };
export const TS = 1_795_471_486_914;

export function inputOf(body: string | Buffer, change: Partial<DeliveryInput> = {}): DeliveryInput {
  return {
    contentType: null,
    body: Buffer.from(body),
    accessUrlId: 1,
    mid: null,
    receivedAt: RECEIVED_AT,
    requestId: 'request-1',
    identityKey: KEY,
    maxEvents: 100,
    ...change,
  };
}

export function read(body: unknown, change: Partial<DeliveryInput> = {}): Delivery {
  return readDelivery(inputOf(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body), change));
}

/** The one event of a body that must give exactly one and nothing else. */
export function readOne(body: unknown, change: Partial<DeliveryInput> = {}): ConferenceEvent {
  const { events, malformed, unknownNames } = read(body, change);
  const [event] = events;
  if (event === undefined || events.length + malformed.length + unknownNames.length !== 1) {
    throw new Error(`expected one event, got ${JSON.stringify({ events, malformed, unknownNames })}`);
  }
  return event;
}

/** An event as a BBB server words it. */
export function bbbEvent(name: string, user: object | null = USER, more: object = {}, event: object | null = { ts: TS }) {
  const attributes = { meeting: MEETING, ...(user === null ? {} : { user }), ...more };
  return { data: { type: 'event', id: name, attributes, ...(event === null ? {} : { event }) } };
}

export function formBody(events: unknown, timestamp: number | null = TS + 2): string {
  const form = new URLSearchParams({ domain: 'bbb.example.com', event: JSON.stringify(events) });
  if (timestamp !== null) form.set('timestamp', String(timestamp));
  return form.toString();
}
