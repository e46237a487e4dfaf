import { type Static, Type } from '@fastify/type-provider-typebox';
import { NullableText } from './common.js';

/** Unix ms of a beginning and of an end; null where it goes on. */
export type Interval = [start: number, end: number | null];

const Ms = (description: string) => Type.Integer({ description: `${description}, unix ms` });
const Intervals = (description: string) =>
  Type.Array(Type.Unsafe<Interval>({ type: 'array', items: { type: ['integer', 'null'] }, minItems: 2, maxItems: 2 }), {
    description: `${description}: [start, end] in unix ms, in order; no end while it goes on`,
  });
const Marks = (description: string) => Type.Array(Type.Integer(), { description: `${description}: unix ms, in order` });

/**
 * What one person did when. The intervals are those that the numbers are made of: their sum is the number, in ms, that is rounded down to
 * the seconds of the participant.
 */
export const TimelineRowSchema = Type.Object({
  externalUserId: Type.String(),
  name: NullableText('The latest name that an event told'),
  presence: Intervals('Connected, a session each'),
  talk: Intervals('Talking, where the server tells it'),
  microphone: Intervals('With an open microphone'),
  camera: Intervals('With at least one camera on'),
  screenshare: Intervals('Sharing the screen'),
  messages: Marks('Public chat messages'),
  reactions: Type.Array(Type.Object({ at: Ms('When'), emoji: Type.String() }), { description: 'In order' }),
  hands: Marks('Raised hands'),
  pollAnswers: Marks('Answers to polls'),
});

export const TimelineSchema = Type.Object({
  journal: Type.Boolean({
    description:
      'False once retention has emptied the events of the meeting: then only presence is told, of the sessions that stay',
  }),
  start: Ms('Beginning of the meeting'),
  end: Type.Union([Ms('End of the meeting'), Type.Null()]),
  at: Ms('When this was read'),
  items: Type.Array(TimelineRowSchema, { description: 'By name' }),
});

export type TimelineRow = Static<typeof TimelineRowSchema>;
export type Timeline = Static<typeof TimelineSchema>;
