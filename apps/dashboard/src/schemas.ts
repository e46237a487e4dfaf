import { type Static, Type } from '@fastify/type-provider-typebox';

const Seconds = (description: string) => Type.Integer({ minimum: 0, description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });
const NullableText = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const Time = (description: string) => Type.String({ format: 'date-time', description });

/** One occurrence of a meeting. */
export const MeetingSchema = Type.Object({
  id: Type.String(),
  remoteId: NullableText("The learning platform's id of the room; null while no event has told it"),
  internalMeetingId: NullableText("BBB's id of this occurrence; null where the sender tells none"),
  title: Type.String(),
  status: Type.String({ description: 'running or ended, or what the learning platform says' }),
  createdAt: Time('When the meeting began, as far as its events tell'),
  closedAt: Type.Union([Time('When it ended'), Type.Null()]),
});

/** What one person did in one meeting; docs/metrics.md tells what each number means. */
export const ParticipantSchema = Type.Object({
  externalUserId: Type.String({
    description: "The learning platform's user id, or BBB's internal one where that is all there is",
  }),
  name: NullableText('The latest name that an event told; null while none did'),
  sessions: Count('How many times the person was in the meeting'),
  onlineSeconds: Seconds('Connected; two devices at once count once'),
  talkSeconds: Seconds('Talking where the server tells it, else with an open microphone: see talkSource'),
  talkSource: Type.Enum(['talking', 'microphone', 'mixed']),
  microphoneSeconds: Seconds('With an open microphone'),
  cameraSeconds: Seconds('With at least one camera on'),
  messages: Count('Public chat messages'),
  reactions: Count('Reactions'),
  reactionsBreakdown: Type.Record(Type.String(), Type.Integer({ minimum: 1 }), { description: 'Reactions by emoji' }),
  hands: Count('Times the hand was raised'),
  online: Type.Boolean({ description: 'Whether the person is connected now' }),
});

export const ErrorSchema = Type.Object({ error: Type.String(), message: Type.String() });

export const MeetingsQuerySchema = Type.Object({
  remoteId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\u0000]*$', description: 'Only the occurrences of this room' }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: 'The nextCursor of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
});

export const MeetingsPageSchema = Type.Object({
  items: Type.Array(MeetingSchema),
  nextCursor: NullableText('Null on the last page'),
});
export const ParticipantsSchema = Type.Object({ items: Type.Array(ParticipantSchema) });
export const MeetingParamsSchema = Type.Object({
  id: Type.String({ pattern: '^[0-9]{1,18}$', description: 'The id of a meeting' }),
});

export type Meeting = Static<typeof MeetingSchema>;
export type Participant = Static<typeof ParticipantSchema>;
