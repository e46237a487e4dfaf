import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { readPartitionCount } from '@bbb-activity/queue/partition-count';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { partitionQueueName } from '@bbb-activity/queue/partition-of';
import { redriveLetter } from '@bbb-activity/queue/redrive';
import { writeLoad } from '@bbb-activity/store/activity-figures';
import type { Store } from '@bbb-activity/store/client';
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { ApiError } from './answers.js';
import { callerOf } from './caller.js';
import { eventIn, toldLetter } from './dead-letter-told.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { DeadLetterParamsSchema, DeadLettersPageSchema, DeadLettersQuerySchema, SystemSchema } from './schemas/system.js';
import { isoOf } from './told-meetings.js';

export interface SystemOptions {
  readonly store: Store;
  readonly backend: QueueBackend;
  readonly deadLetters: DeadLetters;
  /** The database's budget over all workers. */
  readonly maxTransactionsPerSecond: number;
}

const Nothing = Type.Null({ description: 'Nothing' });
const ERRORS = { 400: ErrorSchema, 404: ErrorSchema, 409: ErrorSchema, ...COMMON_ERRORS };

/** How the queue does, and what was put aside. */
export const systemRoutes: FastifyPluginAsyncTypebox<SystemOptions> = async (app, options) => {
  const { store, backend, deadLetters } = options;

  app.get(
    '/api/system',
    {
      config: { access: 'overseer' },
      schema: {
        summary: 'Partitions, the load of the database against its budget, dead letters',
        operationId: 'getSystem',
        response: { 200: SystemSchema, ...COMMON_ERRORS },
      },
    },
    async () => {
      const count = (await readPartitionCount(backend)) ?? 0;
      const [depths, paused, load, reasons] = await Promise.all([
        readPartitionDepths(backend, count),
        Promise.all(Array.from({ length: count }, (_, partition) => backend.queue(partitionQueueName(partition)).isPaused())),
        writeLoad(store),
        deadLetters.countByReason(),
      ]);
      const byReason = [...reasons].map(([reason, letters]) => ({ reason, count: letters })).sort((a, b) => b.count - a.count);
      return {
        at: isoOf(Date.now()),
        queue: backend.kind,
        partitions: depths.map(({ partition, waiting, active, oldestAt }) => ({
          partition,
          waiting,
          active,
          oldestAt: oldestAt === null ? null : isoOf(oldestAt),
          paused: paused[partition] === true,
        })),
        transactions: { lastMinute: load.transactions, budgetPerSecond: options.maxTransactionsPerSecond },
        events: { lastMinute: load.events },
        deadLetters: { total: byReason.reduce((sum, one) => sum + one.count, 0), byReason },
      };
    },
  );

  app.get(
    '/api/dead-letters',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'What could not be applied or read, the newest first',
        operationId: 'listDeadLetters',
        querystring: DeadLettersQuerySchema,
        response: { 200: DeadLettersPageSchema, 400: ErrorSchema, ...COMMON_ERRORS },
      },
    },
    async ({ query }) => {
      const { letters, cursor } = await deadLetters.list({ limit: query.limit ?? 50, cursor: query.cursor ?? null });
      return { items: letters.map(toldLetter), nextCursor: cursor };
    },
  );

  app.post(
    '/api/dead-letters/:id/redrive',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Send the event of a dead letter to its partition again',
        operationId: 'redriveDeadLetter',
        params: DeadLetterParamsSchema,
        response: { 204: Nothing, ...ERRORS },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const outcome = await redriveLetter(backend, deadLetters, id, eventIn);
      if (outcome === 'gone') throw noLetter(id);
      if (outcome === 'not_redrivable') throw new ApiError(409, 'not_redrivable', `the dead letter ${id} holds no event`);
      request.log.info({ letter: id, by: callerOf(request).name }, 'a dead letter was sent again');
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/dead-letters/:id',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Discard a dead letter, for ever',
        operationId: 'discardDeadLetter',
        params: DeadLetterParamsSchema,
        response: { 204: Nothing, ...ERRORS },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await deadLetters.remove(id))) throw noLetter(id);
      request.log.info({ letter: id, by: callerOf(request).name }, 'a dead letter was discarded');
      return reply.code(204).send(null);
    },
  );
};

function noLetter(id: string): ApiError {
  return new ApiError(404, 'not_found', `there is no dead letter ${id}`);
}
