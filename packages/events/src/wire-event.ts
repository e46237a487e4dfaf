import { firstTold, isWireObject, objectIn, type WireObject } from './wire-value.js';

/** The fields of one event that anything is made of, found but not yet believed. All else stays behind here. */
export interface WireEvent {
  readonly name: unknown;
  readonly time: unknown;
  readonly meetingInternalId: unknown;
  readonly meetingExternalId: unknown;
  readonly userInternalId: unknown;
  readonly userExternalId: unknown;
  readonly userName: unknown;
  readonly stream: unknown;
  readonly emoji: unknown;
  readonly raiseHand: unknown;
  /** `raiseHand` instead of `raise-hand`: the shadow of an emoji. */
  readonly shadowHand: unknown;
  readonly sharingMic: unknown;
  readonly muted: unknown;
  /** Where a created meeting is described. */
  readonly meeting: WireObject;
}

/** Finds the fields of an event of either form (docs/wire.md, "Event forms"). */
export function findFields(event: WireObject): WireEvent {
  if (isWireObject(event['data'])) return findBbbFields(event['data']);
  return isWireObject(event['attributes']) ? findBbbFields(event) : findFlatFields(event);
}

function findBbbFields(data: WireObject): WireEvent {
  const attributes = objectIn(data, 'attributes');
  const meeting = objectIn(attributes, 'meeting');
  const user = objectIn(attributes, 'user');
  const chat = objectIn(attributes, 'chat-message');
  // A message's person is its sender; other events have no chat-message, and other senders' messages have a user.
  const people = isWireObject(chat['sender']) ? [chat['sender'], user] : [user];
  const person = people.find((one) => firstTold([one], ['internal-user-id', 'external-user-id']) !== undefined) ?? user;
  const told = [user, attributes];
  return {
    name: data['id'],
    time: firstTold([objectIn(data, 'event')], ['ts', 'timestamp']),
    meetingInternalId: meeting['internal-meeting-id'],
    meetingExternalId: meeting['external-meeting-id'],
    userInternalId: person['internal-user-id'],
    userExternalId: person['external-user-id'],
    userName: person['name'],
    stream: firstTold(told, ['stream']),
    emoji: firstTold(told, ['emoji']),
    raiseHand: firstTold(told, ['raise-hand']),
    shadowHand: firstTold(told, ['raiseHand']),
    sharingMic: firstTold(told, ['sharing-mic']),
    muted: firstTold(told, ['muted']),
    meeting,
  };
}

function findFlatFields(event: WireObject): WireEvent {
  const payload = objectIn(event, 'payload');
  const user = objectIn(payload, 'user');
  const header = isWireObject(event['header']) ? event['header'] : objectIn(event, 'event');
  const places = [event, payload, header];
  const meetingPlaces = [event, objectIn(payload, 'meeting'), payload, header];
  const userPlaces = [event, user, payload, header];
  return {
    name: flatName(event),
    time: firstTold(places, ['timestamp', 'ts']),
    meetingInternalId: firstTold(meetingPlaces, ['internalMeetingID']),
    meetingExternalId: firstTold(meetingPlaces, ['externalMeetingID', 'meetingID']),
    userInternalId: firstTold(userPlaces, ['internalUserID']),
    userExternalId: firstTold(userPlaces, ['externalUserID', 'userID']),
    userName: firstTold([event, payload, header], ['username']) ?? firstTold([user], ['name', 'username']),
    stream: firstTold(userPlaces, ['stream']),
    emoji: firstTold(userPlaces, ['emoji']),
    raiseHand: firstTold(userPlaces, ['raise-hand']),
    shadowHand: firstTold(userPlaces, ['raiseHand']),
    sharingMic: firstTold(userPlaces, ['sharing-mic']),
    muted: firstTold(userPlaces, ['muted']),
    meeting: {},
  };
}

/** `event.name` or `header.name`; form-encoded senders write the name itself there. In a list of XML elements it is the event's own `name`. */
function flatName(event: WireObject): unknown {
  for (const holder of [event['event'], event['header']]) {
    if (typeof holder === 'string') return holder;
    if (isWireObject(holder) && holder['name'] !== undefined) return holder['name'];
  }
  return event['name'];
}
