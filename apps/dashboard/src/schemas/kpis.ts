import { type Static, Type } from '@fastify/type-provider-typebox';
import { AccessUrlId, Count, Time } from './common.js';

export const KpisQuerySchema = Type.Object({
  accessUrlId: Type.Optional(AccessUrlId),
  timeZone: Type.Optional(
    Type.String({
      maxLength: 64,
      default: 'UTC',
      description: 'IANA name of the zone in which today begins, such as Europe/Paris',
    }),
  ),
});

export const KpisSchema = Type.Object({
  activeMeetings: Count('Meetings that go on'),
  connectedNow: Count('People in them; who is in two meetings counts twice'),
  joinsToday: Count('Sessions that began since midnight'),
  eventsLast24h: Count('Events that arrived in the last 24 hours and changed something'),
  at: Time('When this was counted: a few seconds ago at most'),
});

export type Kpis = Static<typeof KpisSchema>;
