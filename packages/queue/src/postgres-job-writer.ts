import { FlowProducer, type IQueueBackend, type PostgresConnection, type PostgresConnectionOptions } from 'bullmq';
import { failOnRefusedJobs } from './failing-add-flow.js';
import { PARTITION_JOB_OPTIONS } from './job-payload.js';
import { PostgresQueue } from './postgres-queue.js';
import { RECORD } from './postgres-statements.js';
import type { JobWriter, NewJob } from './queue-backend.js';
import type { ErrorNotices } from './queue-log.js';

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
  #producer: FlowProducer<IQueueBackend, PostgresConnectionOptions>;

  constructor(connect: () => PostgresConnection, notices: ErrorNotices) {
    this.#connect = connect;
    this.#notices = notices;
    this.#connection = connect();
    this.#producer = this.#produceOver(this.#connection);
  }

  async add(jobs: readonly NewJob[], record: string): Promise<'written' | { record: string | null }> {
    const connection = this.#connection;
    const { pool } = connection;
    const producer = this.#producer;
    await producer.waitUntilReady();
    await pool.query('BEGIN');
    try {
      const { rows } = await pool.query<{ value: string }>(RECORD.hold);
      const found = rows[0]?.value ?? null;
      if (found !== record) {
        await pool.query('ROLLBACK');
        return { record: found };
      }
      await producer.addBulk(jobs.map((job) => ({ ...job, opts: PARTITION_JOB_OPTIONS })));
      await pool.query('COMMIT');
      return 'written';
    } catch (error) {
      // One that is no statement's own leaves the transaction open, for the next write to commit.
      if (this.#connection === connection) this.reset();
      throw error;
    }
  }

  reset(): void {
    const old = { connection: this.#connection, producer: this.#producer };
    this.#connection = this.#connect();
    this.#producer = this.#produceOver(this.#connection);
    void closeBoth(old).catch((error: unknown) => this.#notices.report('a connection to PostgreSQL did not end well', error));
  }

  close(): Promise<void> {
    return closeBoth({ connection: this.#connection, producer: this.#producer });
  }

  #produceOver(connection: PostgresConnection): FlowProducer<IQueueBackend, PostgresConnectionOptions> {
    const producer = new FlowProducer<IQueueBackend, PostgresConnectionOptions>(
      { connection: connection.pool },
      (name, options) => failOnRefusedJobs(new PostgresQueue(connection, name, options)),
    );
    producer.on('error', (error) => this.#notices.report('the publisher reports an error', error));
    return producer;
  }
}

async function closeBoth(pair: {
  connection: PostgresConnection;
  producer: FlowProducer<IQueueBackend, PostgresConnectionOptions>;
}): Promise<void> {
  await pair.producer.close();
  await pair.connection.close();
}
