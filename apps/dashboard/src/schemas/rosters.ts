import { type Static, Type } from '@fastify/type-provider-typebox';
import { AccessUrlId, NullableText, SoughtText, Time } from './common.js';

/** The most people that a roster holds. */
export const MAX_ROSTER = 10_000;

export const RosterParamsSchema = Type.Object({ remoteId: SoughtText("The learning platform's id of the room") });
export const RosterQuerySchema = Type.Object({ accessUrlId: AccessUrlId });

export const RosterSchema = Type.Object({
  accessUrlId: AccessUrlId,
  remoteId: Type.String(),
  updatedAt: Time('When it was last put'),
  people: Type.Array(Type.Object({ externalUserId: Type.String(), name: NullableText('Where one was given') }), {
    description: 'By name',
  }),
});

/** A roster that is put as JSON; as `text/csv` it is a table with a head: `user_id` and, if wanted, `name` (docs/dashboard.md, "Rosters"). */
export const PutRosterSchema = Type.Object(
  {
    people: Type.Array(
      Type.Object(
        {
          externalUserId: SoughtText("The learning platform's user id"),
          name: Type.Optional(Type.Union([SoughtText('A name', 0), Type.Null()])),
        },
        { additionalProperties: false },
      ),
      { maxItems: MAX_ROSTER },
    ),
  },
  { additionalProperties: false },
);

export type Roster = Static<typeof RosterSchema>;
export type PutRoster = Static<typeof PutRosterSchema>;
