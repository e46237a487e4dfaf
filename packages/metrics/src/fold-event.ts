/**
 * The kinds that the fold understands, by their meaning. The names are those of the event's own `kind`;
 * the fold does not know about wires, so it declares the little that it needs.
 */
export const FOLD_KINDS = [
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
  'meeting_ended',
] as const;

export type FoldKind = (typeof FOLD_KINDS)[number];

/** One event of one participant (or `meeting_ended`, which concerns all), ready to be folded. */
export interface FoldEvent {
  readonly identity: string;
  /** Unix ms. */
  readonly at: number;
  readonly kind: FoldKind;
  /** Internal user id; null where the event tells none (such events share one connection). */
  readonly connection: string | null;
  /** Camera stream; null is the one anonymous stream of the connection. */
  readonly stream: string | null;
  /** Of a reaction. */
  readonly emoji: string | null;
  /** Of a raised hand: an `emoji` and its `shadow` of one connection at one instant are one hand. */
  readonly hand: 'raise' | 'emoji' | 'shadow' | null;
}

/**
 * The final end of an occurrence: nothing after `at` is counted. Null while none is known. An occurrence without an internal
 * id has no final end: there `meeting_ended` stands among the events and only closes what is open (docs/metrics.md, "Meeting occurrence").
 */
export interface MeetingEnd {
  /** Unix ms. */
  readonly at: number;
  readonly by: 'meeting_ended' | 'not_running' | 'silence';
}
