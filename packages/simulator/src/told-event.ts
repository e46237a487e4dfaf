import type { OccurrenceScript } from './meeting-script.js';

/** What a sender means to tell, whatever form it writes it in. */
export const TOLD_MEANINGS = [
  'joined',
  'left',
  'talk_started',
  'talk_stopped',
  'microphone_started',
  'microphone_stopped',
  'camera_started',
  'camera_stopped',
  'screenshare_started',
  'screenshare_stopped',
  'message',
  'reaction',
  'reaction_ended',
  'hand_raised',
  'hand_lowered',
  'hand_emoji',
  'hand_shadow',
  'poll_answered',
  'listening',
  'meeting_created',
  'meeting_ended',
  'recording_started',
  'unheard_of',
  'announced',
] as const;

export type ToldMeaning = (typeof TOLD_MEANINGS)[number];

/** One event as it is told: what of the ids and names goes with it. Null is not told. */
export interface ToldEvent {
  readonly meaning: ToldMeaning;
  /** Unix ms. */
  readonly at: number;
  readonly inSeconds: boolean;
  readonly meeting: ToldMeeting;
  readonly user: ToldUser | null;
  readonly stream: string | null;
  readonly emoji: string | null;
  /** Written as the learning platform itself writes a join or leave. */
  readonly byPlatform: boolean;
  /** Of an announcement, which the platform writes too; null of all else. */
  readonly title: string | null;
  /** Whether it is told only after somebody looked for meetings that ended unheard. */
  readonly late: boolean;
}

/** What shows nothing of whether a meeting goes on: where its end is presumed, this neither moves nor lifts it (docs/metrics.md, "Presumed end"). */
const NO_SIGNS_OF_LIFE: ReadonlySet<ToldMeaning> = new Set([
  'listening',
  'reaction_ended',
  'hand_lowered',
  'recording_started',
  'announced',
  'unheard_of',
]);

/** Whether it shows that its meeting goes on at its time. */
export function showsLife({ meaning }: ToldEvent): boolean {
  return !NO_SIGNS_OF_LIFE.has(meaning);
}

export interface ToldMeeting {
  readonly internalId: string | null;
  /** Null for both where the hook's URL tells the meeting instead. */
  readonly externalId: string | null;
  /** External meeting id of the room, whether told or not. */
  readonly room: string;
}

export interface ToldUser {
  readonly internalId: string | null;
  readonly externalId: string | null;
  readonly name: string | null;
}

/** The events of one occurrence, in no order. */
export interface ToldOccurrence {
  readonly script: OccurrenceScript;
  readonly events: readonly ToldEvent[];
}
