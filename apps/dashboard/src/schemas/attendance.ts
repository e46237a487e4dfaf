import { type Static, Type } from '@fastify/type-provider-typebox';
import { AccessUrlId, Count, NullableText, NullableTime, Seconds, Share, SoughtText, Time } from './common.js';

/** Exactly one of `remoteId` and `person`. */
export const AttendanceQuerySchema = Type.Object({
  accessUrlId: AccessUrlId,
  remoteId: Type.Optional(SoughtText('All meetings of this room')),
  person: Type.Optional(SoughtText('All meetings of this person: an externalUserId')),
  from: Type.Optional(Time('Meetings that began at this time or later')),
  to: Type.Optional(Time('Meetings that began before this time')),
});

export const AttendanceMeetingSchema = Type.Object({
  id: Type.String(),
  remoteId: NullableText('The room'),
  title: Type.String(),
  createdAt: Time('When it began'),
  closedAt: NullableTime('When it ended'),
  durationSeconds: Seconds('Up to now where it goes on'),
});

export const AttendanceRowSchema = Type.Object({
  externalUserId: Type.String(),
  name: NullableText('As the latest meeting tells it, else as the roster does'),
  expected: Type.Boolean({ description: "Whether the person is on the room's roster" }),
  cells: Type.Array(
    Type.Union([Type.Object({ onlineSeconds: Seconds('Connected'), share: Share('Of the meeting') }), Type.Null()]),
    { description: 'One for each meeting, in their order; null where the person was absent' },
  ),
  meetings: Count('How many of the meetings the person was in'),
  onlineSeconds: Seconds('In all of them'),
  share: Share('Of the time of all the meetings'),
});

export const AttendanceSchema = Type.Object({
  title: Type.String({ description: 'Of the room, or the name of the person' }),
  meetings: Type.Array(AttendanceMeetingSchema, { description: 'The columns, the oldest first' }),
  people: Type.Array(AttendanceRowSchema, { description: 'The rows, by name; people of the roster who never came too' }),
  truncated: Type.Boolean({ description: 'Whether there are more meetings than the newest ones that are told' }),
  at: Time('When this was read'),
});

export type AttendanceMeeting = Static<typeof AttendanceMeetingSchema>;
export type AttendanceRow = Static<typeof AttendanceRowSchema>;
export type Attendance = Static<typeof AttendanceSchema>;
