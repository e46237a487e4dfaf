import { isRecord, type RawEvent, type WebhookDelivery } from './webhook-delivery.js';

/** Ids that BigBlueButton gives out anew for every meeting, join or camera, and that must not come twice. */
const OCCURRENCE_KEYS: ReadonlySet<string> = new Set(['internal-meeting-id', 'internal-user-id', 'stream']);

/**
 * The delivery at another time: every `event.ts` and the delivery's `timestamp` moved by `offsetMs`, nothing else changed, so
 * that equal deliveries stay equal byte for byte.
 */
export function shiftDelivery(delivery: WebhookDelivery, offsetMs: number): WebhookDelivery {
  return {
    ...delivery,
    events: delivery.events.map((event) => ({
      ...event,
      data: { ...event.data, event: { ...event.data.event, ts: event.data.event.ts + offsetMs } },
    })),
    timestamp: delivery.timestamp + offsetMs,
  };
}

/**
 * The delivery as of another meeting in the same room: `suffix` is put to the internal ids of the meeting and of the
 * connections, to camera streams and to chat messages. External ids stay, as they do when a room is used again
 * (docs/metrics.md, "Meeting occurrence").
 */
export function renumberDelivery(delivery: WebhookDelivery, suffix: string): WebhookDelivery {
  return {
    ...delivery,
    events: delivery.events.map((event) => ({
      ...event,
      data: { ...event.data, attributes: renumberAttributes(event.data.attributes, suffix) },
    })),
  };
}

function renumberAttributes(attributes: RawEvent['data']['attributes'], suffix: string): Readonly<Record<string, unknown>> {
  const renumbered = renumberRecord(attributes, suffix);
  const message = renumbered['chat-message'];
  if (!isRecord(message) || typeof message['id'] !== 'string') return renumbered;
  return { ...renumbered, 'chat-message': { ...message, id: `${message['id']}${suffix}` } };
}

function renumberRecord(record: Readonly<Record<string, unknown>>, suffix: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => {
      if (typeof value === 'string' && value !== '' && OCCURRENCE_KEYS.has(key)) return [key, `${value}${suffix}`];
      return [key, isRecord(value) ? renumberRecord(value, suffix) : value];
    }),
  );
}
