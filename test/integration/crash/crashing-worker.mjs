// The worker as its own main composes it, in a process that dies at one exact point of a batch. The seams are the three through which it
// reaches the world: the queue's jobs, the queue's store, and the transaction.
import { AsyncLocalStorage } from 'node:async_hooks';
import { readWorkerSettings, workerParts } from '@bbb-activity/app-worker/start';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { itemsOf } from '@bbb-activity/queue/job-payload';
import { runApp } from '@bbb-activity/runtime/run-app';
import { openStore } from '@bbb-activity/store/client';
import { StatementGroup } from '@bbb-activity/store/statement-group';
import { crash, pass, withMembers } from './crash-point.mjs';

/** The successor of one that died waits for its lock: a test that kills many need not wait as long as production may. */
const SHORT_LOCK = { lockDuration: 2_000, stalledInterval: 800 };

/** The batch in hand, in all that runs for it; the scheduled jobs have none. */
const batches = new AsyncLocalStorage();

/** Counts only batches that take jobs along and bring something new, so that the point means what it says; `again`, also those that come again. */
function passIn(batch, point) {
  if (batch === undefined || batch.taken === 0) return;
  if (crash.partition !== undefined && crash.partition !== batch.partition) return;
  if (!crash.again && batch.known === batch.identities.length) return;
  pass(point, batch);
}

function crashingStore(store) {
  const { pool } = store;
  const connect = async () => crashingClient(await pool.connect(), batches.getStore());
  return { ...store, pool: withMembers(pool, { connect }) };
}

function crashingClient(client, batch) {
  async function query(statement) {
    const isGroup = statement instanceof StatementGroup;
    const texts = isGroup ? statement.statements.map(({ text }) => text) : [statement];
    if (texts.some((text) => text.startsWith('BEGIN'))) passIn(batch, 'before the transaction');
    if (texts.includes('COMMIT')) passIn(batch, 'before the commit');
    const result = await client.query(statement);
    // Who asked for the group waits for the same, hears of its failure, and goes on only after this.
    const isDone =
      !isGroup ||
      (await statement.done.then(
        () => true,
        () => false,
      ));
    if (isDone && texts.some((text) => text.includes('INSERT INTO conference_event'))) passIn(batch, 'after the journal');
    if (texts.includes('COMMIT')) passIn(batch, 'after the commit');
    return result;
  }
  return withMembers(client, { query });
}

function crashingBackend(backend, prisma) {
  return withMembers(backend, {
    worker(partition, processor, settings) {
      let batch;
      async function process(job, ...rest) {
        const identities = [...new Set((itemsOf(job.data) ?? []).map(({ identity }) => identity))];
        const known = await prisma.conferenceEvent.count({
          where: { identity: { in: identities.map((hex) => Buffer.from(hex, 'hex')) } },
        });
        batch = { partition, head: job.id, identities, known, taken: 0 };
        return batches.run(batch, () => processor(job, ...rest));
      }
      return backend
        .worker(partition, process, { ...settings, ...SHORT_LOCK })
        .on('completed', () => passIn(batch, 'after the acknowledgement'));
    },
    async nextWaiting(...args) {
      const jobs = await backend.nextWaiting(...args);
      const batch = batches.getStore();
      if (batch !== undefined) batch.taken = jobs.length;
      passIn(batch, 'after the jobs behind are read');
      return jobs;
    },
    async removeWaiting(partition, ids) {
      const batch = batches.getStore();
      const half = ids.slice(0, Math.ceil(ids.length / 2));
      let removed = 0;
      if (crash.point === 'after half of the jobs behind are removed') {
        removed += await backend.removeWaiting(partition, half);
        passIn(batch, crash.point);
      }
      removed += await backend.removeWaiting(partition, ids);
      passIn(batch, 'after the jobs behind are removed');
      return removed;
    },
  });
}

await runApp('worker', async ({ environment, log }) => {
  const { DATABASE_URL: databaseUrl, DB_MAX_CONNECTIONS: maxConnections } = readSettings(
    environment,
    ['DB_MAX_CONNECTIONS'],
    ['DATABASE_URL'],
  );
  const store = openStore({ databaseUrl, maxConnections });
  const backend = crashingBackend(await connectBackend(readQueueSettings(environment), log), store.prisma);
  const deadLetters = await DeadLetters.open(backend);
  return workerParts(readWorkerSettings(environment), backend, deadLetters, crashingStore(store), log);
});
