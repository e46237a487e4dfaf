import { cleanFlag, cleanId, cleanText } from './clean-text.js';
import type { EventDetails, EventKind, MeetingFacts, MeetingReference, PersonReference } from './conference-event.js';
import { MalformedEventError } from './malformed-event.js';
import type { WireEvent } from './wire-event.js';
import type { WireObject } from './wire-value.js';

export const MAX_NAME_CODE_POINTS = 255;
/** The longest emoji (families, flags) have about ten code points; more is somebody's words. */
const MAX_EMOJI_CODE_POINTS = 16;
const MAX_BRIDGE_CODE_POINTS = 64;

/** What an event's content makes of the kind that its name means. */
export interface Meaning {
  readonly kind: EventKind;
  readonly details: EventDetails;
}

const NOTED: Meaning = { kind: 'noted', details: {} };

const MEETING_KINDS: ReadonlySet<EventKind> = new Set<EventKind>(['meeting_created', 'meeting_ended', 'noted']);

/** Whether an event of this kind means nothing without a person. */
export function needsPerson(kind: EventKind): boolean {
  return !MEETING_KINDS.has(kind);
}

/** The meeting as the event names it; both ids null where it names none. Throws MalformedEventError `bad_id`. */
export function readMeeting(wire: WireEvent): MeetingReference {
  return { internalId: cleanId(wire.meetingInternalId), externalId: cleanId(wire.meetingExternalId) };
}

/** The person as the event names them; null where it names none. Throws MalformedEventError `bad_id`. */
export function readPerson(wire: WireEvent): PersonReference | null {
  const internalId = cleanId(wire.userInternalId);
  const externalId = cleanId(wire.userExternalId);
  if (internalId === null && externalId === null) return null;
  return { internalId, externalId, name: cleanText(wire.userName, MAX_NAME_CODE_POINTS) };
}

/** Decides by the content what the event means (docs/wire.md, "Event forms", details of real BBB events). */
export function interpret(named: EventKind, name: string, wire: WireEvent, person: PersonReference | null): Meaning {
  switch (named) {
    case 'microphone_opened':
      return name === 'user-audio-voice-enabled' && !opensMicrophone(wire) ? NOTED : { kind: named, details: {} };
    case 'camera_started':
    case 'camera_stopped':
      return { kind: named, details: streamDetails(wire.stream) };
    case 'screenshare_started':
    case 'screenshare_stopped':
      return person === null ? NOTED : { kind: named, details: {} };
    case 'reaction':
      return interpretReaction(wire.emoji);
    case 'hand_raised':
      return interpretHand(name, wire);
    case 'meeting_created': {
      const meeting = readFacts(wire.meeting);
      return { kind: named, details: Object.keys(meeting).length === 0 ? {} : { meeting } };
    }
    default:
      return { kind: named, details: {} };
  }
}

/** Servers before 3.0 do not tell `muted`; there, who shares a microphone has it open. */
function opensMicrophone(wire: WireEvent): boolean {
  return cleanFlag(wire.sharingMic) === true && cleanFlag(wire.muted) !== true;
}

/** A stream tells one camera from another, so it is an id; what is no text leaves the anonymous stream. */
function streamDetails(value: unknown): EventDetails {
  const stream = typeof value === 'string' || typeof value === 'number' ? cleanId(value) : null;
  return stream === null ? {} : { stream };
}

function interpretReaction(value: unknown): Meaning {
  const emoji = cleanText(value, MAX_EMOJI_CODE_POINTS);
  if (emoji === null || emoji.toLowerCase() === 'none') return NOTED;
  if (emoji === 'raiseHand') return { kind: 'hand_raised', details: { hand: 'emoji' } };
  return { kind: 'reaction', details: { emoji } };
}

function interpretHand(name: string, wire: WireEvent): Meaning {
  const raised = cleanFlag(wire.raiseHand);
  if (raised !== null) return raised ? { kind: 'hand_raised', details: { hand: 'raise' } } : NOTED;
  const shadow = cleanFlag(wire.shadowHand);
  if (shadow !== null) return shadow ? { kind: 'hand_raised', details: { hand: 'shadow' } } : NOTED;
  // The other names say by themselves that the hand went up.
  return name === 'user-raise-hand-changed' ? NOTED : { kind: 'hand_raised', details: { hand: 'raise' } };
}

/** The facts of a `meeting-created` that may pass: its passwords, metadata and dial number may not. */
function readFacts(meeting: WireObject): MeetingFacts {
  const title = cleanText(meeting['name'], MAX_NAME_CODE_POINTS);
  const isBreakout = cleanFlag(meeting['is-breakout']);
  const parentInternalId = cleanId(meeting['parent-id'] ?? null);
  const record = cleanFlag(meeting['record']);
  const voiceBridge = cleanText(meeting['voice-conf'], MAX_BRIDGE_CODE_POINTS);
  return {
    ...(title === null ? {} : { title }),
    ...(isBreakout === null ? {} : { isBreakout }),
    // What is no breakout room says so in words.
    ...(parentInternalId === null || parentInternalId === 'bbb-none' ? {} : { parentInternalId }),
    ...(record === null ? {} : { record }),
    ...(voiceBridge === null ? {} : { voiceBridge }),
  };
}

/** An event's name in lower case. Throws MalformedEventError `no_name`. */
export function readName(value: unknown): string {
  const name = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (name === '') throw new MalformedEventError('no_name');
  return name;
}
