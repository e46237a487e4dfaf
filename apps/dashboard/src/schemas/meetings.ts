import { type Static, Type } from '@fastify/type-provider-typebox';
import { AccessUrlId, Count, Cursor, NullableText, NullableTime, Seconds, SoughtText, Time } from './common.js';

/** One occurrence of a meeting. */
export const MeetingSchema = Type.Object({
  id: Type.String(),
  accessUrlId: AccessUrlId,
  remoteId: NullableText("The learning platform's id of the room; null while no event has told it"),
  internalMeetingId: NullableText("BBB's id of this occurrence; null where the sender tells none"),
  title: Type.String(),
  status: Type.String({ description: 'running or ended, or what the learning platform says' }),
  running: Type.Boolean({ description: 'Whether it goes on, as far as is known' }),
  createdAt: Time('When the meeting began, as far as its events tell'),
  closedAt: NullableTime('When it ended'),
  durationSeconds: Seconds('From its beginning to its end; of one that goes on, to now; 0 where the end is unknown'),
  participants: Count('People who took part'),
  online: Count('People who are connected now'),
  isBreakout: Type.Boolean(),
  parentId: NullableText('The id of the meeting whose breakout room it is, where that is known'),
});

export const MEETING_SORTS = ['started', 'title', 'duration', 'participants'] as const;
export const ORDERS = ['asc', 'desc'] as const;

/** What narrows a list of meetings; the same for the list, and for the export of many. */
export const MeetingFilterSchema = Type.Object({
  title: Type.Optional(SoughtText('Meetings whose title contains this, whatever the case', 0)),
  from: Type.Optional(Time('Meetings that began at this time or later')),
  to: Type.Optional(Time('Meetings that began before this time')),
  running: Type.Optional(Type.Boolean({ description: 'Only those that go on, or only those that do not' })),
  accessUrlId: Type.Optional(AccessUrlId),
  remoteId: Type.Optional(SoughtText('Only the occurrences of this room')),
});

export const MeetingsQuerySchema = Type.Object({
  ...MeetingFilterSchema.properties,
  sort: Type.Optional(Type.Enum(MEETING_SORTS, { default: 'started' })),
  order: Type.Optional(Type.Enum(ORDERS, { description: 'Default: asc by title, else desc' })),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
});

export const MeetingsPageSchema = Type.Object({
  items: Type.Array(MeetingSchema),
  nextCursor: NullableText('Null on the last page'),
});

export const MeetingParamsSchema = Type.Object({
  id: Type.String({ pattern: '^[0-9]{1,18}$', description: 'The id of a meeting' }),
});

/** Sums over the people of a meeting. */
export const MeetingTotalsSchema = Type.Object({
  sessions: Count('How many times people were in the meeting'),
  onlineSeconds: Seconds('Of all people together'),
  talkSeconds: Seconds('Of all people together: see talkSource'),
  talkSource: Type.Enum(['talking', 'microphone', 'mixed']),
  microphoneSeconds: Seconds('Of all people together'),
  cameraSeconds: Seconds('Of all people together'),
  screenshareSeconds: Seconds('Of all people together'),
  messages: Count('Public chat messages'),
  reactions: Count('Reactions'),
  reactionsBreakdown: Type.Record(Type.String(), Type.Integer({ minimum: 1 }), { description: 'Reactions by emoji' }),
  hands: Count('Raised hands'),
  pollAnswers: Count('Answers to polls'),
});

export const MeetingDetailSchema = Type.Object({
  ...MeetingSchema.properties,
  at: Time('When this was read: open sessions count up to it'),
  presumedEnd: Type.Union([Type.Enum(['not_running', 'silence']), Type.Null()], {
    description: 'Why the end is presumed, where it was never heard of (docs/metrics.md, "Presumed end")',
  }),
  journal: Type.Boolean({ description: 'Whether its events are kept still: false once retention has emptied them' }),
  totals: MeetingTotalsSchema,
  parent: Type.Union([Type.Object({ id: Type.String(), title: Type.String() }), Type.Null()]),
  breakouts: Type.Array(MeetingSchema, { description: 'Its breakout rooms, the oldest first' }),
  roster: Type.Union(
    [
      Type.Object({ expected: Count('People on the roster'), absent: Count('Of them, those who were not in this meeting') }),
      Type.Null(),
    ],
    {
      description: 'Null where the room has no roster',
    },
  ),
});

export type Meeting = Static<typeof MeetingSchema>;
export type MeetingsQuery = Static<typeof MeetingsQuerySchema>;
export type MeetingFilter = Static<typeof MeetingFilterSchema>;
export type MeetingsPage = Static<typeof MeetingsPageSchema>;
export type MeetingTotals = Static<typeof MeetingTotalsSchema>;
export type MeetingDetail = Static<typeof MeetingDetailSchema>;
export type MeetingSort = (typeof MEETING_SORTS)[number];
