import { cleanId, cleanText } from './clean-text.js';
import type { ConferenceEvent, EventKind, MeetingReference } from './conference-event.js';
import { type DecodedBody, decodeBody } from './decode-body.js';
import { identityOf } from './event-identity.js';
import { kindOfName } from './event-names.js';
import { readTime, readTimeOrNull } from './event-time.js';
import { interpret, needsPerson, readMeeting, readName, readPerson } from './interpret-event.js';
import { MalformedEventError, type MalformedReason } from './malformed-event.js';
import { seal } from './sealed-evidence.js';
import { unwrapDelivery } from './unwrap-delivery.js';
import { findFields } from './wire-event.js';
import { isWireObject } from './wire-value.js';

export interface DeliveryInput {
  readonly contentType: string | null;
  /** The bytes as they came. */
  readonly body: Buffer;
  readonly accessUrlId: number;
  /** The external id of the meeting of a payload that names none; empty counts as null. */
  readonly mid: string | null;
  /** Unix ms. */
  readonly receivedAt: number;
  readonly requestId: string;
  /** Keys the identities and seals what is malformed. */
  readonly identityKey: Buffer;
  readonly maxEvents: number;
}

/** What could not be read, kept for the operator. */
export interface Malformed {
  readonly reason: MalformedReason;
  /** Opened with `open` of sealed-evidence. */
  readonly sealed: string;
  /** Bytes before sealing; more than the seal holds where that was cut. */
  readonly size: number;
}

export interface Delivery {
  readonly events: readonly ConferenceEvent[];
  /** The delivery's own time in unix ms, where it tells one. */
  readonly timestamp: number | null;
  readonly domain: string | null;
  /** One entry for each event with an unknown name, fit to be logged. */
  readonly unknownNames: readonly string[];
  readonly malformed: readonly Malformed[];
  /** How many events beyond `maxEvents` were not read; they are sealed together as `too_many_events`. */
  readonly excess: number;
  /** Whether the body told nothing at all. */
  readonly empty: boolean;
}

const MAX_UNKNOWN_NAME_LENGTH = 64;
/** Told of an unknown name that cannot be one. */
const NOT_A_NAME = '?';
const MAX_DOMAIN_CODE_POINTS = 255;

export const EMPTY_DELIVERY: Delivery = {
  events: [],
  timestamp: null,
  domain: null,
  unknownNames: [],
  malformed: [],
  excess: 0,
  empty: true,
};

/**
 * Reads a delivery of any form of docs/wire.md, "Event forms": the events normalised and redacted, everything else accounted for. One
 * malformed event loses none of its neighbours. Throws UnreadableDeliveryError where the body as a whole is no known form.
 */
export function readDelivery(input: DeliveryInput): Delivery {
  const decoded = decodeBody(input.body, input.contentType);
  return decoded === null ? EMPTY_DELIVERY : readDecoded(decoded, input, null);
}

/** The same for a body decoded already; `signedAt` (unix ms) is the time of a delivery that tells none in its body. */
export function readDecoded(decoded: DecodedBody, input: DeliveryInput, signedAt: number | null): Delivery {
  const unwrapped = unwrapDelivery(decoded);
  const timestamp = readTimeOrNull(unwrapped.timestamp) ?? signedAt;
  const events: ConferenceEvent[] = [];
  const unknownNames: string[] = [];
  const malformed: Malformed[] = [];

  for (const [index, raw] of unwrapped.events.slice(0, input.maxEvents).entries()) {
    try {
      const event = readEvent(raw, index, timestamp, input);
      if (typeof event === 'string') unknownNames.push(event);
      else events.push(event);
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      malformed.push(sealMalformed(error.code, raw, input.identityKey));
    }
  }

  const rest = unwrapped.events.slice(input.maxEvents);
  if (rest.length > 0) malformed.push(sealMalformed('too_many_events', rest, input.identityKey));
  return {
    events,
    timestamp,
    domain: cleanText(unwrapped.domain, MAX_DOMAIN_CODE_POINTS),
    unknownNames,
    malformed,
    excess: rest.length,
    empty: unwrapped.events.length === 0,
  };
}

/** The event, or its name where that is unknown. Throws MalformedEventError. */
function readEvent(raw: unknown, index: number, deliveredAt: number | null, input: DeliveryInput): ConferenceEvent | string {
  if (!isWireObject(raw)) throw new MalformedEventError('not_an_object');
  const wire = findFields(raw);
  const name = readName(wire.name);
  const named = kindOfName(name);
  if (named === null) return loggableName(name);

  const told = readMeeting(wire);
  const mid = told.internalId === null && told.externalId === null ? cleanId(input.mid) : null;
  const meeting: MeetingReference = mid === null ? told : { internalId: null, externalId: mid };
  if (meeting.internalId === null && meeting.externalId === null) throw new MalformedEventError('no_meeting');
  const person = concernsMeeting(named) ? null : readPerson(wire);
  const ownTime = readTime(wire.time);
  const { kind, details } = interpret(named, name, wire, person);
  if (person === null && needsPerson(kind)) throw new MalformedEventError('no_person');

  // What the event does not tell is taken from what stands around it, least first (docs/metrics.md, "Identity").
  const time = ownTime ?? deliveredAt;
  const around = [mid, ownTime === null ? deliveredAt : null, time === null ? [input.requestId, index] : null];
  return {
    identity: identityOf(input.identityKey, ['event', input.accessUrlId, around, raw]),
    accessUrlId: input.accessUrlId,
    kind,
    name,
    at: time ?? input.receivedAt,
    meeting,
    person,
    details,
  };
}

/** The beginning and the end of a meeting are everybody's, also where a sender names who brought them about. */
function concernsMeeting(kind: EventKind): boolean {
  return kind === 'meeting_created' || kind === 'meeting_ended';
}

/** What is not spelled like a name may be somebody's words, and is not told in part either. */
function loggableName(name: string): string {
  return name.length <= MAX_UNKNOWN_NAME_LENGTH && /^[a-z0-9_.:-]+$/.test(name) ? name : NOT_A_NAME;
}

function sealMalformed(reason: MalformedReason, raw: unknown, key: Buffer): Malformed {
  const plain = Buffer.from(JSON.stringify(raw));
  return { reason, sealed: seal(plain, key), size: plain.length };
}
