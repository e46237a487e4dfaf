import type {
  ActivityFacts,
  ConferenceEvent,
  EventDetails,
  MeetingFacts,
  MeetingReference,
  PersonReference,
} from './conference-event.js';
import { decodeBody } from './decode-body.js';
import { identityOf } from './event-identity.js';
import { MalformedEventError } from './malformed-event.js';
import { ModernFields } from './modern-fields.js';
import { type Delivery, type DeliveryInput, EMPTY_DELIVERY, readDecoded } from './read-delivery.js';
import { UnreadableDeliveryError } from './unreadable-delivery.js';
import { looksLikeEvent, wrappedEvents } from './unwrap-delivery.js';
import { isWireObject, type WireObject } from './wire-value.js';

export interface ModernInput extends Omit<DeliveryInput, 'accessUrlId'> {
  /** The access URLs whose key signed the body, at least one: a platform may have one for all of its own. */
  readonly accessUrlIds: readonly number[];
  /** X-Chamilo-Timestamp, whose signature has been verified, in unix seconds. */
  readonly signedSeconds: number;
}

/** A delivery, and the access URL that it is for; null where it tells nothing at all. */
export interface ModernDelivery extends Delivery {
  readonly accessUrlId: number | null;
}

const MAX_PROVIDER_LENGTH = 64;
const MAX_TEXT_LENGTH = 255;
const MAX_URL_LENGTH = 2_048;
const MAX_DATA_LENGTH = 65_536;

/**
 * Reads the signed body of a request to the modern endpoint (docs/wire.md, "The modern endpoint"): Chamilo's own form, which may tell of a meeting, a
 * recording and an activity at once, or any form that readDelivery reads. Throws UnreadableDeliveryError for anything else; its `field` names the field.
 */
export function readModern(input: ModernInput): ModernDelivery {
  const decoded = decodeBody(input.body, input.contentType);
  if (decoded === null) return { ...EMPTY_DELIVERY, accessUrlId: null };
  const { value, shape } = decoded;
  if (shape === 'xml' || !isWireObject(value) || !isOwnForm(value)) {
    const accessUrlId = chooseAccessUrl(null, input.accessUrlIds);
    return { ...readDecoded(decoded, { ...input, accessUrlId }, input.signedSeconds * 1000), accessUrlId };
  }
  return { ...EMPTY_DELIVERY, ...readOwnForm(value, input), empty: false };
}

/** The access URL that a body tells, which must be one whose key signed it; of one key the only one need not be told. */
function chooseAccessUrl(told: number | null, signedBy: readonly number[]): number {
  if (told !== null && signedBy.includes(told)) return told;
  if (told !== null)
    throw new UnreadableDeliveryError('wrong_access_url', 'the access URL has another key, or is not served', 'access_url_id');
  const [only, ...others] = signedBy;
  if (only !== undefined && others.length === 0) return only;
  throw new UnreadableDeliveryError(
    'missing_field',
    'the field access_url_id is missing: several have this key',
    'access_url_id',
  );
}

/** What is neither form is told what Chamilo's own lacks. */
function isOwnForm(value: WireObject): boolean {
  if (value['provider'] !== undefined || value['meeting_id'] !== undefined) return true;
  return !looksLikeEvent(value) && wrappedEvents(value) === null;
}

function readOwnForm(value: WireObject, input: ModernInput): Pick<ModernDelivery, 'events' | 'accessUrlId'> {
  const fields = new ModernFields(value);
  const provider = fields.required('provider', fields.text('provider', MAX_PROVIDER_LENGTH));
  const meeting: MeetingReference = {
    internalId: fields.id('internal_meeting_id'),
    externalId: fields.required('meeting_id', fields.id('meeting_id')),
  };
  const accessUrlId = chooseAccessUrl(fields.integer('access_url_id', 1), input.accessUrlIds);
  const context: Context = { input, meeting, accessUrlId };

  const facts = readMeetingFacts(fields);
  const recording = readRecording(fields, value, context);
  const activity = readActivity(fields, value, context);
  const events = [recording, activity].filter((event) => event !== null);
  // A request that only names its meeting announces it; beside something else, an announcement without facts would wipe those told before.
  if (Object.keys(facts).length > 0 || events.length === 0)
    events.unshift(announceMeeting({ ...facts, provider }, value, context));
  return { events, accessUrlId };
}

interface Context {
  readonly input: ModernInput;
  readonly accessUrlId: number;
  readonly meeting: MeetingReference;
}

function announceMeeting(facts: MeetingFacts, value: WireObject, context: Context): ConferenceEvent {
  return announcement('meeting', { meeting: facts }, value, context);
}

/** The time of signing joins the identity: what was told, changed and told again must win again. */
function announcement(of: 'meeting' | 'recording', told: EventDetails, value: WireObject, context: Context): ConferenceEvent {
  const { signedSeconds } = context.input;
  const kind = `${of}_announced` as const;
  return {
    ...common(context),
    identity: identify([of, context.accessUrlId, signedSeconds, value], context),
    kind,
    name: kind,
    at: signedAt(context),
    person: null,
    details: { ...told, signedSeconds },
  };
}

function readMeetingFacts(fields: ModernFields): MeetingFacts {
  const told = {
    title: fields.text('title', MAX_TEXT_LENGTH),
    status: fields.text('status', MAX_TEXT_LENGTH),
    closedAt: fields.time('closed_at'),
    record: fields.flag('record'),
    voiceBridge: fields.text('voice_bridge', MAX_TEXT_LENGTH),
    videoUrl: fields.url('video_url', MAX_URL_LENGTH),
    visibility: fields.integer('visibility', 0),
    courseId: fields.integer('c_id', 0),
    sessionId: fields.integer('session_id', 0),
    groupId: fields.integer('group_id', 0),
    userId: fields.integer('user_id', 0),
    calendarId: fields.integer('calendar_id', 0),
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null));
}

function readRecording(fields: ModernFields, value: WireObject, context: Context): ConferenceEvent | null {
  const url = fields.url('recording_url', MAX_URL_LENGTH);
  const formatType = fields.text('format_type', MAX_TEXT_LENGTH) ?? '';
  if (url === null) return null;
  return announcement('recording', { recording: { url, formatType } }, value, context);
}

/** Join and leave move sessions; any other activity is a row of its own. Null where the request tells of none. */
function readActivity(fields: ModernFields, value: WireObject, context: Context): ConferenceEvent | null {
  const action = fields.text('action', MAX_TEXT_LENGTH)?.toLowerCase() ?? null;
  const type = fields.text('type', MAX_TEXT_LENGTH);
  const event = fields.text('event', MAX_TEXT_LENGTH) ?? type;
  const participant = fields.id('participant_id');
  if (participant === null && action === null && event === null) return null;
  const person: PersonReference = { internalId: null, externalId: fields.required('participant_id', participant), name: null };

  const told = fields.time('timestamp');
  const inAt = fields.time('in_at');
  const outAt = fields.time('out_at');
  const signed = fields.time('signed_at');
  if (action === 'join' || action === 'leave') {
    const at = told ?? (action === 'join' ? inAt : outAt) ?? signedAt(context);
    const identity = moveIdentity(action, person, at, context);
    return { ...common(context), identity, kind: action === 'join' ? 'joined' : 'left', name: action, at, person, details: {} };
  }
  if (action !== null && event === null) {
    throw new UnreadableDeliveryError('bad_field', 'the field action must be join or leave, where no event is told', 'action');
  }
  const name = fields.required('event', event);
  const activity: ActivityFacts = {
    event: name,
    type,
    inAt,
    outAt,
    close: fields.flag('close'),
    activityData: fields.textOrJson('activity_data', MAX_DATA_LENGTH),
    signatureFile: fields.text('signature_file', MAX_DATA_LENGTH),
    signedAt: signed,
  };
  const at = told ?? inAt ?? outAt ?? signed ?? signedAt(context);
  // Two requests of one (meeting, participant, event, time) may tell different things: both are kept, and the row takes the one signed last.
  const identity = identify(['activity', context.accessUrlId, context.input.signedSeconds, value], context);
  const details = { activity, signedSeconds: context.input.signedSeconds };
  return { ...common(context), identity, kind: 'activity', name: name.toLowerCase(), at, person, details };
}

/**
 * The same (meeting, participant, action, time) twice is one event, whatever else the request tells. The time is `timestamp`, else `in_at` or
 * `out_at`, else the signature's: then a retry that is signed anew is another.
 */
function moveIdentity(action: 'join' | 'leave', person: PersonReference, at: number, context: Context): string {
  const { internalId, externalId } = context.meeting;
  const meeting = internalId === null ? [null, externalId] : [internalId];
  return identify(['session', context.accessUrlId, meeting, person.externalId, action, at], context);
}

function common({ accessUrlId, meeting }: Context): Pick<ConferenceEvent, 'accessUrlId' | 'meeting'> {
  return { accessUrlId, meeting };
}

function signedAt({ input }: Context): number {
  return input.signedSeconds * 1000;
}

function identify(parts: readonly unknown[], { input }: Context): string {
  try {
    return identityOf(input.identityKey, parts);
  } catch (error) {
    if (!(error instanceof MalformedEventError)) throw error;
    throw new UnreadableDeliveryError('too_deep', 'the fields are nested too deep');
  }
}
