import { type Static, Type } from '@fastify/type-provider-typebox';
import { AccessUrlId, Count, ErrorSchema, NullableText, SoughtText, Time } from './common.js';

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

/** What a CSV may be refused for. */
export const ROSTER_PROBLEMS = [
  'no_csv',
  'no_id_column',
  'too_many_people',
  'id_missing',
  'id_too_long',
  'id_unkeepable',
  'name_too_long',
  'name_unkeepable',
  'not_utf8',
] as const;

/** An error, and for a CSV what is wrong in its lines. */
export const RosterErrorSchema = Type.Object({
  ...ErrorSchema.properties,
  problems: Type.Optional(
    Type.Array(
      Type.Object({
        line: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description: 'Of the file; null: of the whole file' }),
        code: Type.Enum(ROSTER_PROBLEMS),
      }),
      { description: 'The first of them' },
    ),
  ),
  furtherProblems: Type.Optional(Count('How many there are beside these')),
});

export type RosterError = Static<typeof RosterErrorSchema>;
export type RosterProblem = NonNullable<RosterError['problems']>[number];
export type Roster = Static<typeof RosterSchema>;
export type PutRoster = Static<typeof PutRosterSchema>;
