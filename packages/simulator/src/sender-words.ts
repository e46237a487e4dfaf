import type { ToldMeaning } from './told-event.js';

/** The names under which senders tell each meaning: BBB's own first (docs/wire.md, "Event names"), then those of others. */
export const NAMES_OF_MEANING: Readonly<Record<ToldMeaning, readonly [string, ...string[]]>> = {
  joined: ['user-joined', 'participantJoined', 'user_joined'],
  left: ['user-left', 'participantLeft', 'user_left'],
  talk_started: ['user-talking-started', 'userVoiceActivated', 'audio_talk_started'],
  talk_stopped: ['user-talking-stopped', 'userVoiceDeactivated', 'audio_talk_stopped'],
  microphone_started: ['user-audio-unmuted', 'user-audio-voice-enabled'],
  microphone_stopped: ['user-audio-muted', 'user-audio-voice-disabled'],
  camera_started: ['user-cam-broadcast-start', 'camera-share-started', 'webcamShareStarted'],
  camera_stopped: ['user-cam-broadcast-end', 'camera-share-stopped', 'webcamShareStopped'],
  screenshare_started: ['meeting-screenshare-started'],
  screenshare_stopped: ['meeting-screenshare-stopped'],
  message: ['chat-group-message-sent', 'chat-message-posted', 'publicChatMessagePosted'],
  reaction: ['user-emoji-changed', 'user-reaction-changed', 'userEmojiChanged'],
  reaction_ended: ['user-emoji-changed'],
  hand_raised: ['user-raise-hand-changed', 'user-hand-raised', 'userRaisedHand'],
  hand_lowered: ['user-raise-hand-changed'],
  hand_emoji: ['user-emoji-changed'],
  hand_shadow: ['user-raise-hand-changed'],
  poll_answered: ['poll-responded'],
  listening: ['user-audio-voice-enabled'],
  meeting_created: ['meeting-created'],
  meeting_ended: ['meeting-ended'],
  recording_started: ['meeting-recording-started'],
  unheard_of: ['user-something-new', 'breakout-moved'],
  announced: ['announced'],
};

/** What generated events carry as real ones do and what must be found nowhere afterwards (docs/privacy.md). */
export const PRIVATE_WORDS = {
  written: 'a-private-message-of-the-simulator',
  moderatorPassword: 'moderator-password-of-the-simulator',
  viewerPassword: 'viewer-password-of-the-simulator',
  address: '203.0.113.77',
  browser: 'Browser-of-the-simulator/1.0',
  token: 'session-token-of-the-simulator',
} as const;

/** What a meaning adds to the values of its event, by the name under which it is told. */
export function valuesOf(meaning: ToldMeaning, name: string, emoji: string | null): Readonly<Record<string, string | boolean>> {
  const voice = name === 'user-audio-voice-enabled' || name === 'user-audio-voice-disabled';
  switch (meaning) {
    case 'microphone_started':
      return voice ? { 'listening-only': false, 'sharing-mic': true, muted: false } : { muted: false };
    case 'microphone_stopped':
      return voice ? { 'listening-only': false, 'sharing-mic': false, muted: true } : { muted: true };
    case 'listening':
      return { 'listening-only': true, 'sharing-mic': false, muted: true };
    case 'reaction':
      return { emoji: emoji ?? '' };
    case 'reaction_ended':
      return { emoji: 'none' };
    case 'hand_raised':
      return name === 'user-raise-hand-changed' ? { 'raise-hand': true } : {};
    case 'hand_lowered':
      return { 'raise-hand': false };
    case 'hand_emoji':
      return { emoji: 'raiseHand' };
    case 'hand_shadow':
      return { raiseHand: true };
    default:
      return {};
  }
}
