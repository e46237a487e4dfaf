import { type Static, Type } from '@fastify/type-provider-typebox';
import { Count, NullableText, NullableTime, Time } from './common.js';

export const PartitionSchema = Type.Object({
  partition: Count('Its number, from 0'),
  waiting: Count('Jobs that wait; a job holds one or more events'),
  active: Count('Jobs that a worker holds'),
  oldestAt: NullableTime('When the oldest of them was added'),
  paused: Type.Boolean(),
});

export const SystemSchema = Type.Object({
  at: Time('When this was read'),
  queue: Type.Enum(['redis', 'postgres'], { description: 'Where the queue is' }),
  partitions: Type.Array(PartitionSchema),
  transactions: Type.Object({
    lastMinute: Count('Transactions of the last 60 seconds that wrote events'),
    budgetPerSecond: Count('DB_MAX_TRANSACTIONS_PER_SECOND, as this process is told'),
  }),
  events: Type.Object({ lastMinute: Count('Events of the last 60 seconds that were new') }),
  deadLetters: Type.Object({
    total: Count('All of them'),
    byReason: Type.Array(Type.Object({ reason: Type.String(), count: Count('How many') }), {
      description: 'The most frequent first',
    }),
  }),
});

export const DeadLettersQuerySchema = Type.Object({
  cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'The nextCursor of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
});

export const DeadLetterSchema = Type.Object({
  id: Type.String(),
  reason: Type.String({ description: 'A short fixed term' }),
  detail: Type.String(),
  source: Type.String({ description: 'Where it comes from, such as a partition' }),
  at: NullableTime('When it was put aside'),
  event: NullableText("The event's name, where it holds one"),
  meeting: NullableText("The event's meeting: its external id, else its internal one"),
  user: NullableText("The event's person: the external id, else the internal one"),
  redrivable: Type.Boolean({ description: 'Whether it holds an event that can be sent to its partition again' }),
  payload: Type.String({ description: 'All that it holds, redacted as it is stored, as JSON; cut where it is long' }),
});

export const DeadLettersPageSchema = Type.Object({
  items: Type.Array(DeadLetterSchema, { description: 'The newest first' }),
  nextCursor: NullableText('Null on the last page'),
});

export const DeadLetterParamsSchema = Type.Object({ id: Type.String({ pattern: '^[0-9]{1,15}$' }) });

export type System = Static<typeof SystemSchema>;
export type Partition = Static<typeof PartitionSchema>;
export type DeadLetter = Static<typeof DeadLetterSchema>;
export type DeadLettersPage = Static<typeof DeadLettersPageSchema>;
