/**
 * What an event means, whatever name its sender gave it (docs/wire.md, "Event names").
 *
 * `noted` is a known event that no number is made of; `activity`, `meeting_announced` and
 * `recording_announced` come from the modern endpoint alone.
 */
export const EVENT_KINDS = [
  'joined',
  'left',
  'talk_started',
  'talk_stopped',
  'microphone_opened',
  'microphone_closed',
  'camera_started',
  'camera_stopped',
  'screenshare_started',
  'screenshare_stopped',
  'message',
  'reaction',
  'hand_raised',
  'poll_answered',
  'meeting_created',
  'meeting_ended',
  'noted',
  'activity',
  'meeting_announced',
  'recording_announced',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** How a raised hand was told. `emoji` and its `shadow` at the same instant are one hand (docs/metrics.md, "Counts"). */
export type HandTold = 'raise' | 'emoji' | 'shadow';

/** The meeting as the event itself names it; at least one of the two ids is there. Empty ids are null. */
export interface MeetingReference {
  readonly internalId: string | null;
  readonly externalId: string | null;
}

/** The person as the event itself names them; at least one of the two ids is there. Empty ids are null. */
export interface PersonReference {
  /** BBB's internal user id: one connection of the person. */
  readonly internalId: string | null;
  /** The learning platform's user id. */
  readonly externalId: string | null;
  readonly name: string | null;
}

/** What a `meeting_created` event, or the modern endpoint, tells about a meeting. Only what is told is present. */
export interface MeetingFacts {
  readonly title?: string;
  readonly isBreakout?: boolean;
  /** Internal id of the parent meeting of a breakout room. */
  readonly parentInternalId?: string;
  readonly record?: boolean;
  readonly voiceBridge?: string;
  readonly status?: string;
  /** Unix ms. */
  readonly closedAt?: number;
  readonly videoUrl?: string;
  readonly visibility?: number;
  readonly courseId?: number;
  readonly sessionId?: number;
  readonly groupId?: number;
  /** The platform's user who owns the meeting; null where that was a person who was erased. */
  readonly userId?: number | null;
  readonly calendarId?: number;
  readonly provider?: string;
}

/** A recording as the modern endpoint announces it. */
export interface RecordingFacts {
  readonly url: string;
  readonly formatType: string;
}

/** An activity of the modern endpoint that is neither join nor leave: a row of its own. Times are unix ms. */
export interface ActivityFacts {
  readonly event: string;
  readonly type: string | null;
  readonly inAt: number | null;
  readonly outAt: number | null;
  readonly close: boolean | null;
  readonly activityData: string | null;
  readonly signatureFile: string | null;
  readonly signedAt: number | null;
}

/** The only particulars of an event that pass the allow-list (docs/privacy.md); a key is present only where told. */
export interface EventDetails {
  /** Camera stream, of `camera_started` and `camera_stopped`. */
  readonly stream?: string;
  /** Of a `reaction`: never empty, never `none`. */
  readonly emoji?: string;
  readonly hand?: HandTold;
  readonly meeting?: MeetingFacts;
  readonly recording?: RecordingFacts;
  readonly activity?: ActivityFacts;
  /** X-Chamilo-Timestamp in unix seconds, of a modern request: the greatest wins for a meeting's fields. */
  readonly signedSeconds?: number;
}

/** One thing that happened in a conference, normalised and redacted. Plain JSON: it travels through the queue. */
export interface ConferenceEvent {
  /** 64 hex digits; two events with one identity are the same event (docs/metrics.md, "Identity"). */
  readonly identity: string;
  readonly accessUrlId: number;
  readonly kind: EventKind;
  /** The sender's name for it, lower case. */
  readonly name: string;
  /** The event's own time in unix ms: never the time of arrival where the event tells one. */
  readonly at: number;
  readonly meeting: MeetingReference;
  /** Null for what concerns the meeting alone. */
  readonly person: PersonReference | null;
  readonly details: EventDetails;
}
