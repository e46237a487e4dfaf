import type { FoldEvent, FoldKind } from './fold-event.js';
import type { TimerKind } from './session.js';

/**
 * What an event does to a session. `opens` is true where the event itself shows that its connection is inside: then it adds the
 * connection to the open session or opens one (docs/metrics.md, "Sessions").
 */
export type Meaning =
  | { readonly act: 'joined' }
  | { readonly act: 'start'; readonly timer: TimerKind; readonly opens: boolean }
  | { readonly act: 'count'; readonly opens: boolean }
  | { readonly act: 'stop'; readonly timer: TimerKind }
  | { readonly act: 'left' }
  | { readonly act: 'meeting_ended' };

/**
 * The list of opening kinds is closed and leaves out screen share and poll answers, so these two are taken while a session is
 * open and are lost while none is: they never make a row.
 */
export const MEANINGS: Readonly<Record<FoldKind, Meaning>> = {
  joined: { act: 'joined' },
  left: { act: 'left' },
  talk_started: { act: 'start', timer: 'talk', opens: true },
  talk_stopped: { act: 'stop', timer: 'talk' },
  microphone_opened: { act: 'start', timer: 'microphone', opens: true },
  microphone_closed: { act: 'stop', timer: 'microphone' },
  camera_started: { act: 'start', timer: 'camera', opens: true },
  camera_stopped: { act: 'stop', timer: 'camera' },
  screenshare_started: { act: 'start', timer: 'screenshare', opens: false },
  screenshare_stopped: { act: 'stop', timer: 'screenshare' },
  message: { act: 'count', opens: true },
  reaction: { act: 'count', opens: true },
  hand_raised: { act: 'count', opens: true },
  poll_answered: { act: 'count', opens: false },
  meeting_ended: { act: 'meeting_ended' },
};

/** An internal user id, or null for the one connection that is named by the external id. */
export type ConnectionId = string | null;

/** A camera stream, or null for the one anonymous stream of a connection. */
export type StreamId = string | null;

/** The stream that tells the sources of one connection apart: only cameras have more than one (docs/metrics.md, "Timers"). */
export function streamOf(event: FoldEvent, timer: TimerKind): StreamId {
  return timer === 'camera' ? event.stream : null;
}

/**
 * Whether a reaction shows none: BigBlueButton sends `none` by itself when a reaction ends, so that it is neither counted nor a
 * sign of anyone's presence (docs/metrics.md, "Counts").
 */
export function isEndOfReaction(event: FoldEvent): boolean {
  return event.kind === 'reaction' && (event.emoji === null || event.emoji === '' || event.emoji === 'none');
}
