import { randomUUID } from 'node:crypto';
import type { IQueueBackend, PostgresConnection } from 'bullmq';
import { requireAdded } from './added-jobs.js';
import { PARTITION_JOB_OPTIONS } from './job-payload.js';
import { PostgresQueue } from './postgres-queue.js';
import { RECORD } from './postgres-statements.js';
import type { JobWriter, NewJob } from './queue-backend.js';
import type { ErrorNotices } from './queue-log.js';

type FlowEntry = Parameters<IQueueBackend['addFlow']>[0][number];

/**
 * Writes jobs of several queues in one transaction that holds the partition record in place until it commits.
 *
 * BullMQ asks its pool, not a client, so the pool has one connection: statements that follow each other without waiting for
 * anything else are one session. A write that fails ends its connection, and with it the transaction.
 */
export class PostgresJobWriter implements JobWriter {
  readonly #connect: () => PostgresConnection;
  readonly #notices: ErrorNotices;
  #connection: PostgresConnection;
  #queue: PostgresQueue;

  constructor(connect: () => PostgresConnection, notices: ErrorNotices) {
    this.#connect = connect;
    this.#notices = notices;
    this.#connection = connect();
    this.#queue = this.#queueOver(this.#connection);
  }

  async add(jobs: readonly NewJob[], record: string): Promise<'written' | { record: string | null }> {
    const connection = this.#connection;
    const { pool } = connection;
    const queue = this.#queue;
    await queue.waitUntilReady();
    await pool.query('BEGIN');
    try {
      const { rows } = await pool.query<{ value: string }>(RECORD.hold);
      const found = rows[0]?.value ?? null;
      if (found !== record) {
        await pool.query('ROLLBACK');
        return { record: found };
      }
      requireAdded(await queue.addFlow(jobs.map(entryOf)), jobs.length);
      await pool.query('COMMIT');
      return 'written';
    } catch (error) {
      // One that is no statement's own leaves the transaction open, for the next write to commit.
      if (this.#connection === connection) this.reset();
      throw error;
    }
  }

  reset(): void {
    const old = { connection: this.#connection, queue: this.#queue };
    this.#connection = this.#connect();
    this.#queue = this.#queueOver(this.#connection);
    void closeBoth(old).catch((error: unknown) => this.#notices.report('a connection to PostgreSQL did not end well', error));
  }

  close(): Promise<void> {
    return closeBoth({ connection: this.#connection, queue: this.#queue });
  }

  /** Of no name: each job tells its own queue. */
  #queueOver(connection: PostgresConnection): PostgresQueue {
    const queue = new PostgresQueue(connection, '', { connection: connection.pool });
    queue.on('error', (error) => this.#notices.report('the publisher reports an error', error));
    return queue;
  }
}

/** As BullMQ's FlowProducer makes it of a job without children. */
function entryOf({ queueName, name, data }: NewJob): FlowEntry {
  const jobData = { name, data, opts: PARTITION_JOB_OPTIONS, timestamp: Date.now() };
  return { queueName, prefix: '', jobId: randomUUID(), jobData: jobData as FlowEntry['jobData'], parentKeyOpts: {} };
}

async function closeBoth({ connection, queue }: { connection: PostgresConnection; queue: PostgresQueue }): Promise<void> {
  await queue.close();
  await connection.close();
}
