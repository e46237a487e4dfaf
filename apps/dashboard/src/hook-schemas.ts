import { type Static, Type } from '@fastify/type-provider-typebox';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T, description: string) =>
  Type.Union([type, Type.Null()], { description });
const NullableTime = (description: string) => Nullable(Type.String({ format: 'date-time' }), description);
const MeetingId = Nullable(Type.String(), 'External meeting id; null for a global hook');
const Meetings = Type.Array(Type.String(), { description: 'External ids of the meetings that the BBB server had then' });

const accessUrlId = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'The access URL; needed where there are several' }),
);
const meetingId = Type.Optional(
  Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\u0000]*$', description: 'External meeting id' }),
);

export const HooksQuerySchema = Type.Object({ accessUrlId });
export const HookHistoryQuerySchema = Type.Object({
  accessUrlId,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
});
export const RemoveHooksQuerySchema = Type.Object({ accessUrlId, meetingId });
export const EnsureHooksSchema = Type.Object(
  {
    accessUrlId,
    meetingId,
    global: Type.Optional(
      Type.Literal(true, { description: 'The global hook; without this and meetingId: all that there should be' }),
    ),
  },
  { additionalProperties: false },
);

/** What was done; targets are external meeting ids, null for the global hook. */
export const HookChangesSchema = Type.Object({
  registered: Type.Array(MeetingId),
  renewed: Type.Array(MeetingId),
  removed: Type.Array(Type.String(), { description: 'Ids of hooks whose place no other took' }),
  problems: Type.Array(Type.String()),
  refused: Type.Array(
    Type.Object({
      meetingId: MeetingId,
      key: Type.String({ description: "The BBB server's messageKey, or hook_duplicate" }),
      message: Type.String(),
    }),
    { description: 'Hooks that the BBB server would not make; the others were made' },
  ),
});

const HookSchema = Type.Object({
  hookId: Type.String(),
  ours: Type.Boolean(),
  meetingId: MeetingId,
  address: Type.String({ description: 'Where it posts to: origin and path of ours, the host of a foreign one' }),
  signedAt: NullableTime('The time that its URL is signed with'),
  eventNames: Type.Array(Type.String(), { description: 'What it sends; none: all' }),
  permanent: Type.Boolean(),
});
export const HooksSchema = Type.Object({ items: Type.Array(HookSchema) });

const HealthSchema = Type.Object({
  accessUrlId: Type.Integer(),
  ok: Type.Boolean({ description: 'Whether there is no problem' }),
  enabled: Type.Boolean(),
  scope: Type.Enum(['per_meeting', 'global']),
  server: Type.Object({
    reachable: Type.Boolean(),
    checksumAccepted: Nullable(Type.Boolean(), 'Null where that could not be found out'),
    clockAheadSeconds: Nullable(Type.Integer(), "How far the BBB server's clock is ahead; null where it does not tell"),
    failingSince: NullableTime('Since when the watch has had no answer'),
  }),
  lastEventAt: NullableTime(
    'When the newest event of this access URL arrived, by whichever hook or endpoint; null where none is kept',
  ),
  hooks: Nullable(
    Type.Object({ wanted: Type.Integer(), good: Type.Integer(), foreign: Type.Integer() }),
    'How many there should be, and are; null where the server does not tell',
  ),
  problems: Type.Array(Type.Object({ kind: Type.String(), meetingId: MeetingId, text: Type.String() })),
  gaps: Type.Array(
    Type.Object({
      cause: Type.String({ description: 'lost, missed, silent or starved' }),
      meetingId: MeetingId,
      meetings: Meetings,
      from: Type.String({ format: 'date-time' }),
      to: NullableTime('Null while it goes on'),
    }),
    { description: 'Times of the last seven days of which events may be missing, the newest first' },
  ),
});
export const HooksHealthSchema = Type.Object({ ok: Type.Boolean(), items: Type.Array(HealthSchema) });

export const HookHistorySchema = Type.Object({
  items: Type.Array(
    Type.Object({
      at: Type.String({ format: 'date-time' }),
      event: Type.String(),
      reason: Type.String(),
      meetingId: MeetingId,
      hookId: Nullable(Type.String(), "The BBB server's id"),
      from: NullableTime('From when it was so'),
      to: NullableTime('Until when it was so'),
      meetings: Meetings,
    }),
  ),
});

export type HookHealth = Static<typeof HooksHealthSchema>['items'][number];
export type ListedHooks = Static<typeof HooksSchema>;
export type HooksHealthTold = Static<typeof HooksHealthSchema>;
export type HookHistory = Static<typeof HookHistorySchema>;
export type HookChangesTold = Static<typeof HookChangesSchema>;
