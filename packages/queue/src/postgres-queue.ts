import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type PostgresConnection,
  type PostgresConnectionOptions,
  PostgresQueueBackend,
  type QueueBaseOptions,
  type WorkerOptions,
} from 'bullmq';
import { PUT_BACK_WHERE_HEAD_PASSED } from './postgres-statements.js';

/** How often a worker looks whether the one of another process has finished the partition's only active job. */
const MAXED_POLL_MS = 200;
const AFTER_ERROR_MS = 500;
/** How soon a worker looks again whether a head can be taken that somebody is writing to. */
const HELD_HEAD_POLL_MS = 20;

/**
 * BullMQ's PostgreSQL backend for one queue, over a connection that all queues of the process share, and with four things
 * made as they are on Redis (docs/decisions/queue-postgres.md): a stalled job keeps its place, no fetch passes the head, a
 * worker whose queue is at its global concurrency does not spin, and an error while fetching is not tried again at once.
 */
export class PostgresQueue extends PostgresQueueBackend {
  readonly #place: PostgresConnection;
  readonly #options: QueueBaseOptions<PostgresConnectionOptions> & Partial<WorkerOptions<PostgresConnectionOptions>>;
  /** BullMQ hears of a lost LISTEN connection only where each queue owns one. */
  readonly #listenAgain = () => {
    void this.disconnectBlocking().then(() => this.reconnectBlocking());
  };

  constructor(place: PostgresConnection, name: string, options: QueueBaseOptions<PostgresConnectionOptions>) {
    super(place, name, options, false);
    this.#place = place;
    this.#options = options;
    place.setMaxListeners(0);
    place.on('listenerinvalidated', this.#listenAgain);
  }

  override async close(force?: boolean): Promise<void> {
    this.#place.off('listenerinvalidated', this.#listenAgain);
    await super.close(force);
  }

  /**
   * BullMQ gives a stalled job the number of a new one, which puts it at the tail: here it gets its old number back in the
   * same transaction. Its throttle, its marks and its count of stalls stay as they are.
   */
  override async moveStalledJobsToWait(): Promise<string[]> {
    const { pool } = this.#place;
    const active = await pool.query<{ id: string; seq: string }>(
      `SELECT id, seq FROM job WHERE queue = $1 AND state = 'active'`,
      [this.queueName],
    );
    if (active.rows.length === 0) return [];
    const client = await pool.connect();
    let broken = true;
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<{ id: string }>(
        'SELECT id FROM move_stalled_jobs_to_wait($1, $2, $3, $4) AS stalled(id)',
        [this.queueName, this.#options.maxStalledCount ?? 1, Date.now(), this.#options.stalledInterval ?? 30_000],
      );
      const stalled = rows.map(({ id }) => id);
      const places = active.rows.filter(({ id }) => stalled.includes(id));
      await client.query(
        `UPDATE job SET seq = place.seq FROM unnest($2::text[], $3::bigint[]) AS place(id, seq)
         WHERE job.queue = $1 AND job.id = place.id AND job.state = 'waiting'`,
        [this.queueName, places.map(({ id }) => id), places.map(({ seq }) => seq)],
      );
      await client.query('COMMIT');
      broken = false;
      return stalled;
    } finally {
      client.release(broken);
    }
  }

  /**
   * BullMQ returns at once when a job waits, also when the queue is at its global concurrency and none can be taken, so
   * that the worker of a second process would ask without pause for as long as the first one works.
   */
  override async waitForJob(blockTimeout: number): Promise<{ member: string; score: number } | null> {
    if (await this.isMaxed()) {
      await delay(Math.min(MAXED_POLL_MS, blockTimeout * 1_000));
      return { member: this.queueName, score: 0 };
    }
    shareAmongQueues(await this.#place.getListenClient());
    return super.waitForJob(blockTimeout);
  }

  /** A worker asks again at once after an error that is no refused connection, such as that of a server still starting. */
  override async moveToActive(token: string, name?: string): Promise<Fetched> {
    try {
      return await this.#unlessHeadPassed(await super.moveToActive(token, name), token);
    } catch (error) {
      await delay(AFTER_ERROR_MS);
      throw error;
    }
  }

  override async moveToCompleted(...args: Parameters<PostgresQueueBackend['moveToCompleted']>): Promise<Finished> {
    const done = await super.moveToCompleted(...args);
    return done.result ? { ...done, result: await this.#unlessHeadPassed(done.result, args[3]) } : done;
  }

  override async moveToFailed(...args: Parameters<PostgresQueueBackend['moveToFailed']>): Promise<Finished> {
    const done = await super.moveToFailed(...args);
    return done.result ? { ...done, result: await this.#unlessHeadPassed(done.result, args[3]) } : done;
  }

  /**
   * A fetch skips what somebody is writing to (FOR UPDATE SKIP LOCKED), so it may take the job behind the head: one that was
   * handed back just when its mark or its lock is renewed, or when its items are changed. That job goes back to its place.
   */
  async #unlessHeadPassed(fetched: Fetched, token: string): Promise<Fetched> {
    const [job, id] = fetched;
    if (!job) return fetched;
    const { rows } = await this.#place.pool.query(PUT_BACK_WHERE_HEAD_PASSED, [this.queueName, id, token]);
    if (rows.length === 0) return fetched;
    await delay(HELD_HEAD_POLL_MS);
    return [];
  }
}

type Fetched = Awaited<ReturnType<PostgresQueueBackend['moveToActive']>>;
type Finished = Awaited<ReturnType<PostgresQueueBackend['moveToCompleted']>>;

const shared = new WeakSet<PgListenClient>();

/** Lets many queues listen on one client: one listener each, and no statement before the one before it has ended. */
function shareAmongQueues(client: PgListenClient): void {
  if (shared.has(client)) return;
  shared.add(client);
  if (client instanceof EventEmitter) client.setMaxListeners(0);
  const query = client.query.bind(client);
  let last: Promise<unknown> = Promise.resolve();
  client.query = <Row>(text: string, parameters?: readonly unknown[]) => {
    const next = last.then(() => query<Row>(text, parameters));
    last = next.catch(() => undefined);
    return next;
  };
}

type PgListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;
