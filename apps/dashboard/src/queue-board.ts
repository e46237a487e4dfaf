import type { QueueBackend } from '@bbb-activity/queue/backend';
import { letterOf } from '@bbb-activity/queue/dead-letter';
import { DEAD_LETTER_QUEUE } from '@bbb-activity/queue/dead-letters';
import { itemsOf } from '@bbb-activity/queue/job-payload';
import { partitionQueueName } from '@bbb-activity/queue/partition-of';
import { SCHEDULED_QUEUE } from '@bbb-activity/queue/scheduled-jobs';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance } from 'fastify';
import { jobName, letterName, shownData, shownLetter } from './queue-board-jobs.js';

/** Where the board is; below the platform's path a second one, since its page says where it is. */
export const BOARD_PATH = '/admin/queues';

/** Fonts from elsewhere, which the policy does not let in: nobody else shall know who looks at the queues. */
const FOREIGN_STYLES = /<link [^>]*href="https?:[^>]*>/g;

/**
 * Bull Board over all queues, for looking alone (docs/dashboard.md, "Queues"): a job that is retried, promoted or removed by hand would let the
 * next ones of its partition pass it. Nothing but GET is routed.
 */
export async function registerBoard(
  app: FastifyInstance,
  path: string,
  backend: QueueBackend,
  partitions: number,
): Promise<void> {
  const server = new FastifyAdapter();
  server.setBasePath(path);
  const names = Array.from({ length: partitions }, (_, partition) => partitionQueueName(partition));
  createBullBoard({
    queues: [...names, DEAD_LETTER_QUEUE, SCHEDULED_QUEUE].map((name) => adapterOf(backend, name)),
    serverAdapter: server,
    // Of workers it knows those alone whose connections to Redis bear a name that BullMQ gave: here there would always be none.
    options: { uiConfig: { boardTitle: 'bbb-activity', hideRedisDetails: true, showWorkers: false } },
  });
  await app.register(
    async (board) => {
      board.addHook('onRoute', (route) => {
        route.config = { ...route.config, access: 'admin', toLogin: true };
      });
      board.addHook('onRequest', async (request, reply) => {
        if (request.method !== 'GET' && request.method !== 'HEAD') {
          return reply.code(405).send({ error: 'read_only', message: 'the queues are shown here, and not changed' });
        }
      });
      // Its page has styles of its own, at elements too; its scripts are files.
      board.addHook('onSend', async (_request, reply, payload) => {
        const policy = reply.getHeader('content-security-policy');
        if (typeof policy === 'string')
          reply.header('content-security-policy', policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"));
        return typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
          ? payload.replace(FOREIGN_STYLES, '')
          : payload;
      });
      await board.register(server.registerPlugin());
    },
    { prefix: path },
  );
}

function adapterOf(backend: QueueBackend, name: string): BullMQAdapter {
  // Its types know of Redis alone; it asks the queue itself what it stands on.
  const queue = backend.queue(name) as unknown as ConstructorParameters<typeof BullMQAdapter>[0];
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
  const isLetters = name === DEAD_LETTER_QUEUE;
  adapter.setFormatter('name', (job: { readonly name?: string; readonly data?: unknown }) => {
    const data = isLetters ? letterOf(job.data) : itemsOf(job.data);
    if (data === null) return job.name ?? '';
    return Array.isArray(data) ? jobName(data) : letterName(data);
  });
  // Of the scheduled jobs there is nothing to hide, and no event in them.
  if (name !== SCHEDULED_QUEUE) adapter.setFormatter('data', isLetters ? shownLetter : shownData);
  return adapter;
}
