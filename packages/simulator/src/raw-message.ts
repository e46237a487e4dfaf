import { type RawEvent, textAt } from './webhook-delivery.js';

/**
 * A message in the shape of those that BBB's own parts exchange, which a hook with `getRaw` gets in the place of an event (docs/wire.md,
 * "The hooks API"). Its name is made of the event's: BBB's own names are others.
 */
export function rawMessageOf(event: RawEvent, at: number): object {
  const name = `${event.data.id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}EvtMsg`;
  const meetingId = textAt(event, 'meeting', 'internal-meeting-id') ?? '';
  const userId = textAt(event, 'user', 'internal-user-id') ?? 'not-used';
  return {
    envelope: { name, routing: { msgType: 'BROADCAST_TO_MEETING', meetingId, userId }, timestamp: at },
    core: { header: { name, meetingId, userId }, body: {} },
  };
}
