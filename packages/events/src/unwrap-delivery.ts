import type { DecodedBody } from './decode-body.js';
import { parseJson } from './json-body.js';
import { UnreadableDeliveryError } from './unreadable-delivery.js';
import { isWireObject, type WireObject } from './wire-value.js';

/** A delivery taken apart: the events as they stand in it, and what it tells of itself. */
export interface Unwrapped {
  readonly events: readonly unknown[];
  readonly timestamp: unknown;
  readonly domain: unknown;
}

/** Takes a body of any form apart (docs/wire.md, "Event forms"). Throws UnreadableDeliveryError. */
export function unwrapDelivery({ value }: DecodedBody): Unwrapped {
  if (Array.isArray(value)) return { events: value, timestamp: null, domain: null };
  if (isWireObject(value)) {
    const events = wrappedEvents(value);
    if (events !== null) return { events, timestamp: value['timestamp'], domain: value['domain'] };
    if (looksLikeEvent(value)) return single(value);
  }
  throw new UnreadableDeliveryError('unknown_form', 'the body is no known form of an event');
}

/** Whether an object bears the marks of an event form, well made or not. */
export function looksLikeEvent(value: WireObject): boolean {
  if (isNamed(value['event']) || isNamed(value['header']) || isWireObject(value['data'])) return true;
  if (isWireObject(value['attributes'])) return true;
  return (
    typeof value['name'] === 'string' && ['meetingID', 'internalMeetingID', 'payload'].some((name) => value[name] !== undefined)
  );
}

function isNamed(value: unknown): boolean {
  return typeof value === 'string' || isWireObject(value);
}

/** The events of `{event: …}` and `{events: …}`, also where they are JSON in a text, as in BBB's form body. Null where the object wraps none. */
export function wrappedEvents(value: WireObject): readonly unknown[] | null {
  for (const inner of [value['events'], value['event']]) {
    const event = typeof inner === 'string' && /^\s*[[{]/.test(inner) ? parseJson(inner) : inner;
    if (Array.isArray(event)) return event.some((item) => typeof item === 'string') ? event.flatMap(eventsInText) : event;
    if (event !== inner || (isWireObject(event) && isWrapped(event))) return [event];
  }
  return null;
}

/** A doubled `event` field is a list of texts, each with events in it. */
function eventsInText(item: unknown): readonly unknown[] {
  if (typeof item !== 'string' || !/^\s*[[{]/.test(item)) return [item];
  const parsed = parseJson(item);
  return Array.isArray(parsed) ? parsed : [parsed];
}

/** Whether what stands under `event` is a whole event: the flat form has only its name there. */
function isWrapped(event: WireObject): boolean {
  return ['data', 'attributes', 'event', 'header', 'payload'].some((name) => event[name] !== undefined);
}

/** One bare event. In the flat form `timestamp` is the event's own; beside `data` it is the delivery's, which is no part of the event. */
function single(value: WireObject): Unwrapped {
  if (!isWireObject(value['data'])) return { events: [value], timestamp: null, domain: null };
  const { timestamp, domain, checksum: _, ...event } = value;
  return { events: [event], timestamp, domain };
}
