import type { EventKind } from './conference-event.js';

/**
 * Every known event name by what it means (docs/wire.md, "Event names"). Where the content decides (an ended reaction, a lowered
 * hand, listening only), the kind is the one it gives when it counts; else the event is `noted`.
 */
const NAMES_BY_KIND: Readonly<Partial<Record<EventKind, readonly string[]>>> = {
  joined: ['user-joined', 'participantjoined', 'user_joined'],
  left: ['user-left', 'participantleft', 'user_left'],
  talk_started: ['user-talking-started', 'uservoiceactivated', 'user_talking_started', 'audio_talk_started'],
  talk_stopped: ['user-talking-stopped', 'uservoicedeactivated', 'user_talking_stopped', 'audio_talk_stopped'],
  microphone_opened: ['user-audio-unmuted', 'user-audio-voice-enabled'],
  microphone_closed: ['user-audio-muted', 'user-audio-voice-disabled'],
  camera_started: ['camera-share-started', 'webcamsharestarted', 'user-cam-broadcast-start', 'camera_share_started'],
  camera_stopped: ['camera-share-stopped', 'webcamsharestopped', 'user-cam-broadcast-end', 'camera_share_stopped'],
  screenshare_started: ['meeting-screenshare-started'],
  screenshare_stopped: ['meeting-screenshare-stopped'],
  message: ['chat-message-posted', 'publicchatmessageposted', 'chat-group-message-sent', 'chat_message_posted', 'message_posted'],
  reaction: ['user-reaction-changed', 'useremojichanged', 'user-emoji-changed', 'user_reaction_changed', 'reaction'],
  hand_raised: ['user-hand-raised', 'userraisedhand', 'user-raise-hand-changed', 'user_hand_raised'],
  poll_answered: ['poll-responded'],
  meeting_created: ['meeting-created'],
  meeting_ended: ['meeting-ended'],
  noted: [
    'meeting-recording-started',
    'meeting-recording-stopped',
    'meeting-recording-unhandled',
    'meeting-presentation-changed',
    'user-presenter-assigned',
    'user-presenter-unassigned',
    'user-audio-unhandled',
    'poll-started',
    'pad-content',
    'transcript-updated',
  ],
};

const KIND_OF_NAME: ReadonlyMap<string, EventKind> = new Map(
  (Object.entries(NAMES_BY_KIND) as [EventKind, readonly string[]][]).flatMap(([kind, names]) =>
    names.map((name): [string, EventKind] => [name, kind]),
  ),
);

/** The steps of a recording's way are many and change with the server's version. */
const RECORDING_NAME = /^rap-[a-z0-9-]{1,60}$/;

/** The kind that a name means, or null where it is unknown. Names compare without regard to case. */
export function kindOfName(name: string): EventKind | null {
  const lower = name.trim().toLowerCase();
  return KIND_OF_NAME.get(lower) ?? (RECORDING_NAME.test(lower) ? 'noted' : null);
}

/** The names that mean a kind, lower case. */
export function namesOfKind(kind: EventKind): readonly string[] {
  return NAMES_BY_KIND[kind] ?? [];
}

/** The known names, lower case (those that begin with `rap-` are known too). */
export function knownNames(): readonly string[] {
  return [...KIND_OF_NAME.keys()];
}
