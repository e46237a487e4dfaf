/** What truly happens in a room, before anyone tells of it. All times are unix ms. */
export interface RoomScript {
  readonly seed: number;
  /** External meeting id. */
  readonly externalId: string;
  /** The runs of the room that have internal ids, one after the other, and at most one that has none (docs/metrics.md, "Meeting occurrence"). */
  readonly occurrences: readonly OccurrenceScript[];
  /** What the learning platform announces of the room; only then is it known where the policy asks for that. */
  readonly announcements: readonly AnnouncementScript[];
  /** What the BBB server answers when it is asked whether the room runs; `refused` proves nothing and leaves it to silence. */
  readonly server: 'running' | 'not_running' | 'refused';
  /** What is told only after somebody looked for meetings that ended unheard. */
  readonly heldBack: HeldBack;
}

/** `some`: a few events that may lift a mark; `noted`: only such as do not, and announcements. */
export type HeldBack = 'nothing' | 'some' | 'noted' | 'announcements';

export interface AnnouncementScript {
  /** Null where it names the room alone. */
  readonly internalId: string | null;
  readonly title: string;
  /** How long before the delivery's time it was signed: its own time. */
  readonly secondsBefore: number;
}

export interface OccurrenceScript {
  /** Null for the flat occurrence. */
  readonly internalId: string | null;
  readonly externalId: string;
  /** How its events tell the external meeting id. */
  readonly tellsExternalId: 'always' | 'sometimes' | 'never';
  /** Whether its senders count in whole seconds: then all its times are. */
  readonly inSeconds: boolean;
  readonly startsAt: number;
  readonly createdTold: boolean;
  /** Times of `meeting ended` that are told: none where it is missing, and several in a flat occurrence or of two senders. */
  readonly endedAt: readonly number[];
  /** Whether the server makes up a `left` for those who are inside at the end. */
  readonly leavesMadeUp: boolean;
  readonly people: readonly PersonScript[];
}

export interface PersonScript {
  readonly externalId: string;
  readonly name: string;
  readonly connections: readonly ConnectionScript[];
}

export interface ConnectionScript {
  /** Null for the one connection of a sender that tells no internal user ids. */
  readonly internalId: string | null;
  /** Which of its events carry the external user id: most, the first, the last, or none ever. */
  readonly tellsExternalId: 'mostly' | 'first' | 'last' | 'never';
  /** Told beside its own events: two persons whom this one connection is said to be. The earlier one has what names nobody. */
  readonly ties: readonly TieScript[];
  /** In order of time; one may begin when the one before it ends. */
  readonly stays: readonly StayScript[];
}

/** An event that ties a connection to an external user id. */
export interface TieScript {
  readonly at: number;
  readonly externalId: string;
  /** `listening` says nothing but who it is, `message` also counts. */
  readonly told: 'listening' | 'message';
}

export interface StayScript {
  readonly from: number;
  /** Null where `left` is never told. */
  readonly to: number | null;
  readonly joinTold: boolean;
  readonly sources: readonly SourceScript[];
  readonly messages: readonly number[];
  readonly reactions: readonly { readonly at: number; readonly emoji: string }[];
  readonly hands: readonly { readonly at: number; readonly told: 'raise' | 'emoji' | 'shadow' | 'both' }[];
  readonly pollAnswers: readonly number[];
  /** Within 5 s after a told `left`: what they still wrote, and the microphone that they seem to open. */
  readonly lateMessages: readonly number[];
  readonly lateStarts: readonly number[];
}

export const SCRIPT_TIMERS = ['talk', 'microphone', 'camera', 'screenshare'] as const;
export type ScriptTimer = (typeof SCRIPT_TIMERS)[number];

export interface SourceScript {
  readonly timer: ScriptTimer;
  /** Of a camera; null for the anonymous one. */
  readonly stream: string | null;
  readonly from: number;
  /** Null where the stop is never told, or only after `left`. */
  readonly to: number | null;
  /** When the stop is told after `left`; null where it is not. */
  readonly lateStop: number | null;
}
