/** One event as BigBlueButton words it (docs/wire.md, "Event forms"); only what the simulator touches is typed. */
export interface RawEvent {
  readonly data: {
    /** `event`. */
    readonly type?: unknown;
    readonly id: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    /** `ts`: unix ms. */
    readonly event: { readonly ts: number };
  };
}

/** What one POST of the sender carries. */
export interface WebhookDelivery {
  readonly domain: string;
  readonly events: readonly RawEvent[];
  /** Unix ms of the delivery's first try: retries repeat it. */
  readonly timestamp: number;
}

/** Says what is wrong with a body, without repeating the body: it holds names and written words. */
export class DeliveryError extends Error {
  readonly code = 'invalid_delivery';
  override readonly name = 'DeliveryError';
}

/**
 * Reads a form-encoded body as the sender writes it (docs/wire.md, "What BigBlueButton itself signs").
 * Throws {@link DeliveryError} where a field is missing or is not what the sender would write.
 */
export function parseDelivery(body: string): WebhookDelivery {
  const form = new URLSearchParams(body);
  return {
    domain: field(form, 'domain'),
    events: parseEvents(field(form, 'event')),
    timestamp: parseTimestamp(field(form, 'timestamp')),
  };
}

/** The body of a delivery, byte for byte as the sender encodes it: its three fields in its order, JSON without spaces. */
export function encodeDelivery(delivery: WebhookDelivery): string {
  return new URLSearchParams([
    ['domain', delivery.domain],
    ['event', JSON.stringify(delivery.events)],
    ['timestamp', String(delivery.timestamp)],
  ]).toString();
}

/** The text of `key` inside an event, or null where it is missing or empty: `textAt(event, 'meeting', 'internal-meeting-id')`. */
export function textAt(event: RawEvent, ...path: readonly string[]): string | null {
  let value: unknown = event.data.attributes;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new DeliveryError(`the body has no "${name}"`);
  return value;
}

function parseEvents(text: string): readonly RawEvent[] {
  let events: unknown;
  try {
    events = JSON.parse(text);
  } catch (cause) {
    throw new DeliveryError('"event" of the body is not JSON', { cause });
  }
  if (!Array.isArray(events) || events.length === 0) throw new DeliveryError('"event" of the body is not an array of events');
  return events.map((event: unknown, index) => {
    if (!isRawEvent(event)) throw new DeliveryError(`event ${index} of the body lacks data.id, data.attributes or data.event.ts`);
    return event;
  });
}

function isRawEvent(event: unknown): event is RawEvent {
  if (!isRecord(event) || !isRecord(event['data'])) return false;
  const { id, attributes, event: head } = event['data'];
  return typeof id === 'string' && isRecord(attributes) && isRecord(head) && Number.isSafeInteger(head['ts']);
}

function parseTimestamp(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new DeliveryError('"timestamp" of the body is not a time in unix ms');
  return Number(text);
}
