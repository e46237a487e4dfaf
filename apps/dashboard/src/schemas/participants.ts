import { type Static, Type } from '@fastify/type-provider-typebox';
import { Count, NullableText, NullableTime, Seconds, Share, Time } from './common.js';

export const SessionTimesSchema = Type.Object({
  inAt: Time('Joined'),
  outAt: NullableTime('Left; null while the person is there'),
  closedBy: Type.Union([Type.Enum(['left', 'meeting_ended', 'not_running', 'silence']), Type.Null()], {
    description: 'What ended it; the last two are presumed ends',
  }),
  onlineSeconds: Seconds('From in to out, or to now'),
});

/** What one person did in one meeting; docs/metrics.md tells what each number means. */
export const ParticipantSchema = Type.Object({
  externalUserId: Type.String({
    description: "The learning platform's user id, or BBB's internal one where that is all there is",
  }),
  name: NullableText('The latest name that an event told; null while none did'),
  sessions: Count('How many times the person was in the meeting'),
  onlineSeconds: Seconds('Connected; two devices at once count once'),
  onlineShare: Share('The part of the meeting, up to now where it goes on, in which the person was connected'),
  firstJoinedAt: NullableTime('The first join'),
  lastLeftAt: NullableTime('The last leave; null while the person is connected'),
  talkSeconds: Seconds('Talking where the server tells it, else with an open microphone: see talkSource'),
  talkSource: Type.Enum(['talking', 'microphone', 'mixed']),
  microphoneSeconds: Seconds('With an open microphone'),
  cameraSeconds: Seconds('With at least one camera on'),
  screenshareSeconds: Seconds('Sharing the screen'),
  messages: Count('Public chat messages'),
  reactions: Count('Reactions'),
  reactionsBreakdown: Type.Record(Type.String(), Type.Integer({ minimum: 1 }), { description: 'Reactions by emoji' }),
  hands: Count('Times the hand was raised'),
  pollAnswers: Count('Answers to polls'),
  online: Type.Boolean({ description: 'Whether the person is connected now' }),
  running: Type.Object(
    { talk: Type.Boolean(), microphone: Type.Boolean(), camera: Type.Boolean(), screenshare: Type.Boolean() },
    { description: 'Which of the numbers of seconds go on: they were counted up to the time of the answer' },
  ),
  sessionTimes: Type.Array(SessionTimesSchema, { description: 'Each time the person was in the meeting, in order' }),
});

/** Somebody who was expected and did not come. */
export const AbsenteeSchema = Type.Object({ externalUserId: Type.String(), name: NullableText('As the roster tells it') });

export const ParticipantsSchema = Type.Object({
  items: Type.Array(ParticipantSchema, { description: 'By name' }),
  absentees: Type.Array(AbsenteeSchema, {
    description: "People of the room's roster who were not in this meeting; empty without a roster",
  }),
  durationSeconds: Seconds('Of the meeting: what onlineShare is a part of'),
  at: Time('When this was read: open sessions count up to it'),
});

export type SessionTimes = Static<typeof SessionTimesSchema>;
export type Participant = Static<typeof ParticipantSchema>;
export type Absentee = Static<typeof AbsenteeSchema>;
export type Participants = Static<typeof ParticipantsSchema>;
