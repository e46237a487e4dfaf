import { createHmac, randomBytes } from 'node:crypto';
import type { ConferenceEvent, EventDetails } from '@bbb-activity/events/conference-event';

/**
 * What stands for a person who was erased, and for each of their connections: random, so that it tells nothing of the id, and kept
 * beside a keyed hash of the id, so that later events get it too (docs/privacy.md, "Erasing a person").
 *
 *     erased-2c1f9a…          the person: 16 random hex digits
 *     erased-2c1f9a…-77b0…    one of the person's connections: 16 more
 *     erased-stream-5d0e…     a camera stream of the person: a keyed hash, so that start and stop of one stream stay one stream
 */
const PREFIX = 'erased-';
const STREAM_PREFIX = `${PREFIX}stream-`;
const RANDOM_BYTES = 8;
const PERSON_LENGTH = PREFIX.length + RANDOM_BYTES * 2;

export function newPersonPseudonym(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('hex');
}

export function newConnectionPseudonym(person: string): string {
  return `${personPart(person)}-${randomBytes(RANDOM_BYTES).toString('hex')}`;
}

export function personPart(pseudonym: string): string {
  return pseudonym.slice(0, PERSON_LENGTH);
}

/** An access URL and the meeting of it as an event names it: ids of connections hold within it. */
export interface MeetingPlace {
  readonly accessUrlId: number;
  readonly internalId: string | null;
  /** Of a meeting without an internal id. */
  readonly externalId: string | null;
}

export function placeOf({ accessUrlId, meeting }: Pick<ConferenceEvent, 'accessUrlId' | 'meeting'>): MeetingPlace {
  return { accessUrlId, ...meeting };
}

/** 64 hex digits. The external id of a person, in every meeting of an access URL. */
export function personHash(key: Buffer, accessUrlId: number, id: string): string {
  return hash(key, ['person', accessUrlId, id]);
}

/** 64 hex digits. The internal id of a connection, in one meeting. */
export function connectionHash(key: Buffer, place: MeetingPlace, id: string): string {
  return hash(key, ['connection', place.accessUrlId, place.internalId, place.internalId === null ? place.externalId : null, id]);
}

/** 64 hex digits. */
export function meetingHash(key: Buffer, accessUrlId: number, internalId: string): string {
  return hash(key, ['meeting', accessUrlId, internalId]);
}

/** 64 hex digits: tells one key from another, and nothing of either. */
export function fingerprint(key: Buffer): string {
  return hash(key, ['fingerprint']);
}

function hash(key: Buffer, parts: readonly unknown[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');
}

/** What tells of a person in an event, wherever the event is kept. */
export interface PersonalFields {
  readonly internalId: string | null;
  readonly externalId: string | null;
  readonly name: string | null;
  readonly details: EventDetails;
}

/** What was renamed before, by an erasure that was killed or a batch that came upon the person. */
export function isPseudonym(id: string): boolean {
  return /^erased-[0-9a-f]{16}(-[0-9a-f]{16})?$/.test(id);
}

/** Whether a pseudonym stands for who was erased by the id itself, and not for a connection of theirs. */
export function isOfPerson(pseudonym: string): boolean {
  return pseudonym === personPart(pseudonym);
}

/** Gives the pseudonym that stands for an id; null for an id of nobody who was erased. */
export type PseudonymOf = (id: string) => string | null;

/**
 * The same fields without what tells of an erased person; null where nothing of them does. Ids are renamed one to one, which changes
 * no number: the fold only asks whether two ids are equal.
 */
export function withoutPerson(fields: PersonalFields, of: PseudonymOf, key: Buffer): PersonalFields | null {
  const { internalId, externalId, name } = fields;
  const external = externalId === null ? null : of(externalId);
  const internal = internalId === null ? null : of(internalId);
  const erased = external ?? internal;
  // On a connection that two people shared, what is told with the other's id is the other's.
  const person = externalId === null ? internal : external;
  const details = withoutOwner(erased === null ? fields.details : anonymousDetails(fields.details, person !== null, key), of);
  if (erased === null) return details === fields.details ? null : { ...fields, details };
  return {
    internalId: internal ?? internalId,
    externalId: external ?? externalId,
    name: name === null || person === null ? name : personPart(person),
    details,
  };
}

/** A stream's id begins with that of its connection; what the platform wrote about the person may hold anything. */
function anonymousDetails(details: EventDetails, ofPerson: boolean, key: Buffer): EventDetails {
  const { stream, activity } = details;
  return {
    ...details,
    ...(stream === undefined ? {} : { stream: streamPseudonym(stream, key) }),
    ...(activity === undefined || !ofPerson ? {} : { activity: { ...activity, activityData: null, signatureFile: null } }),
  };
}

function streamPseudonym(stream: string, key: Buffer): string {
  if (stream.startsWith(STREAM_PREFIX)) return stream;
  return STREAM_PREFIX + hash(key, ['stream', stream]).slice(0, 32);
}

/**
 * The platform's user who owns a meeting has a number, which is what it gives as external user id too. It is told still that somebody
 * was the owner, so that who owned the meeting before does not come back.
 */
function withoutOwner(details: EventDetails, of: PseudonymOf): EventDetails {
  const { meeting } = details;
  const owner = meeting?.userId ?? null;
  if (owner === null || of(String(owner)) === null) return details;
  return { ...details, meeting: { ...meeting, userId: null } };
}
