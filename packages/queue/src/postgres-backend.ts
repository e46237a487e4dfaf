import { PostgresConnection, type PostgresConnectionOptions, Queue, type QueueBaseOptions, runMigrations } from 'bullmq';
import pg from 'pg';
import { unavailable } from './errors.js';
import { GatedWorker } from './gated-worker.js';
import { PostgresJobWriter } from './postgres-job-writer.js';
import { PostgresQueue } from './postgres-queue.js';
import {
  DEPTH,
  FORGET_EVENTS,
  JOB_DATA,
  JOB_IDS,
  JOBS_LEFT,
  NEWEST_WAITING,
  NEXT_QUEUED_AT,
  NEXT_WAITING,
  NOTE_SERVER,
  RECORD,
  REMOVE_WAITING,
  REPLACE_DATA,
  REPLACE_DATA_AND_ID,
  TRIM_OLDEST,
  WAITING_BY_NAME,
} from './postgres-statements.js';
import {
  type JobChange,
  type JobWriter,
  KEPT_EVENTS,
  type NextJob,
  type PartitionJobProcessor,
  type PartitionQueue,
  type PartitionWorker,
  type QueueBackend,
  type QueueDepth,
  type Trimmed,
  type WaitingJob,
  type WorkerSettings,
} from './queue-backend.js';
import { ErrorNotices, type QueueLog } from './queue-log.js';

const ANSWER_MS = 3_000;
/** Statements of workers and of people looking at queues; the writer has its own, shorter limit. */
const STATEMENT_MS = 30_000;
type PostgresOptions = QueueBaseOptions<PostgresConnectionOptions>;
/** Ids of jobs read at a time. */
const ID_PAGE = 1_000;
const POOL = { commands: 4, workers: 6 };

export interface PostgresBackendOptions {
  readonly url: string;
  readonly prefix: string;
}

/** The schema of BullMQ's tables: the prefix with `_queue`, and `_` for what a plain SQL name cannot hold. */
export function postgresSchema(prefix: string): string {
  const name = prefix.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return `${/^[a-z_]/.test(name) ? '' : '_'}${name}`.slice(0, 57).concat('_queue');
}

/** See connectBackend. */
export async function connectPostgresBackend(options: PostgresBackendOptions, log: QueueLog): Promise<QueueBackend> {
  const schema = postgresSchema(options.prefix);
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: ANSWER_MS, keepAlive: true });
  // Between two statements; the next one fails by it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await runMigrations(client, schema);
  } catch (error) {
    throw unavailable('the queue in PostgreSQL cannot be opened', error);
  } finally {
    await client.end();
  }
  return new PostgresBackend(options.url, schema, log);
}

class PostgresBackend implements QueueBackend {
  readonly kind = 'postgres';
  readonly #url: string;
  readonly #schema: string;
  readonly #notices: ErrorNotices;
  readonly #commands: PostgresConnection;
  #workers: PostgresConnection | undefined;
  readonly #queues = new Map<string, PartitionQueue>();
  #closing: Promise<void> | undefined;

  constructor(url: string, schema: string, log: QueueLog) {
    this.#url = url;
    this.#schema = schema;
    this.#notices = new ErrorNotices(log);
    this.#commands = this.#connection(POOL.commands, STATEMENT_MS);
  }

  async ping(): Promise<void> {
    await this.#rows('SELECT 1', []).catch((error: unknown) => Promise.reject(unavailable('PostgreSQL does not answer', error)));
  }

  /** A table is no memory: what limits it is the disk, which is for the operator to watch. */
  async memory(): Promise<null> {
    return null;
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
      await Promise.all([this.#commands.close(), this.#workers?.close()]);
    })();
    return this.#closing;
  }

  queue(name: string): PartitionQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(
      name,
      { connection: this.#commands.pool, streams: { events: { maxLen: KEPT_EVENTS } } },
      (queueName: string, options: PostgresOptions) => new PostgresQueue(this.#commands, queueName, options),
    ) as unknown as PartitionQueue;
    queue.on('error', (error) => this.#notices.report('a queue reports an error', error));
    this.#queues.set(name, queue);
    return queue;
  }

  worker(name: string, processor: PartitionJobProcessor, { gate = null, ...settings }: WorkerSettings): PartitionWorker {
    this.#workers ??= this.#connection(POOL.workers, STATEMENT_MS);
    const place = this.#workers;
    return new GatedWorker(
      name,
      processor,
      { ...settings, connection: place.pool, autorun: false },
      (queueName: string, options: PostgresOptions) => new PostgresQueue(place, queueName, options),
      gate,
    ) as unknown as PartitionWorker;
  }

  async writer(timeoutMs: number): Promise<JobWriter> {
    const connect = () => this.#connection(1, timeoutMs);
    return new PostgresJobWriter(connect, this.#notices);
  }

  async nextWaiting(queueName: string, maxItems: number): Promise<NextJob[]> {
    return this.#rows<NextJob>(NEXT_WAITING, [queueName, maxItems]);
  }

  async noteServer(queueName: string, server: string): Promise<string | null> {
    return (await this.#rows<{ value: string }>(NOTE_SERVER, [queueName, server]))[0]?.value ?? null;
  }

  /** They look by themselves, five times a second (see {@link PostgresQueue}). */
  async wakeAnother(): Promise<void> {}

  async removeWaiting(queueName: string, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return (await this.#rows(REMOVE_WAITING, [queueName, ids])).length;
  }

  async newestWaiting(queueName: string, limit: number, before: number | null): Promise<WaitingJob[]> {
    return this.#rows<WaitingJob>(NEWEST_WAITING, [queueName, limit, before]);
  }

  async trimOldest(queueName: string, maxJobs: number, maxBytes: number): Promise<Trimmed> {
    const [row] = await this.#rows<{ jobs: string; bytes: string }>(TRIM_OLDEST, [queueName, maxJobs, maxBytes]);
    return { jobs: Number(row?.jobs), bytes: Number(row?.bytes) };
  }

  async depth(queueName: string): Promise<QueueDepth> {
    const [row] = await this.#rows<{ waiting: string; active: string; oldest: string | null }>(DEPTH, [queueName]);
    const oldest = row?.oldest ?? null;
    return { waiting: Number(row?.waiting), active: Number(row?.active), oldestAt: oldest === null ? null : Number(oldest) };
  }

  async nextQueuedAt(queueNames: readonly string[]): Promise<(number | null)[]> {
    return (await this.#rows<{ at: number | null }>(NEXT_QUEUED_AT, [queueNames])).map(({ at }) => at);
  }

  async waitingByName(queueName: string): Promise<Map<string, number>> {
    const rows = await this.#rows<{ name: string; jobs: string }>(WAITING_BY_NAME, [queueName]);
    return new Map(rows.map(({ name, jobs }) => [name, Number(jobs)]));
  }

  async jobsLeft(queueName: string): Promise<number> {
    return Number((await this.#rows<{ jobs: string }>(JOBS_LEFT, [queueName]))[0]?.jobs);
  }

  async *jobIds(queueName: string): AsyncGenerator<string, void, void> {
    for (let last = ''; ; ) {
      const rows = await this.#rows<{ id: string }>(JOB_IDS, [queueName, last, ID_PAGE]);
      for (const { id } of rows) yield id;
      const end = rows.at(-1);
      if (end === undefined || rows.length < ID_PAGE) return;
      last = end.id;
    }
  }

  async jobData(queueName: string, id: string): Promise<{ data: unknown } | null> {
    const [job] = await this.#rows<{ data: unknown }>(JOB_DATA, [queueName, id]);
    return job ?? null;
  }

  async changeData(
    queueName: string,
    id: string,
    change: (data: unknown) => Promise<JobChange | null>,
  ): Promise<'changed' | 'left' | 'known'> {
    for (;;) {
      const [before] = await this.#rows<{ data: unknown; text: string }>(JOB_DATA, [queueName, id]);
      const after = before === undefined ? null : await change(before.data);
      if (before === undefined || after === null) return 'left';
      const parameters = [queueName, id, before.text, JSON.stringify(after.data)];
      const [outcome] =
        after.knownAs === undefined
          ? await this.#rows<{ holder: string }>(REPLACE_DATA, parameters)
          : await this.#rows<{ holder: string }>(REPLACE_DATA_AND_ID, [...parameters, after.knownAs]);
      if (outcome !== undefined) return outcome.holder === id ? 'changed' : 'known';
    }
  }

  async forgetEvents(queueName: string): Promise<void> {
    await this.#rows(FORGET_EVENTS, [queueName]);
  }

  async readPartitionRecord(): Promise<string | null> {
    return (await this.#rows<{ value: string }>(RECORD.read, []))[0]?.value ?? null;
  }

  async createPartitionRecord(record: string): Promise<boolean> {
    return (await this.#rows(RECORD.create, [record])).length === 1;
  }

  async replacePartitionRecord(from: string, to: string): Promise<boolean> {
    return (await this.#rows(RECORD.replace, [from, to])).length === 1;
  }

  async #rows<Row>(statement: string, parameters: readonly unknown[]): Promise<Row[]> {
    return (await this.#commands.pool.query<Row>(statement, parameters)).rows;
  }

  #connection(max: number, statementMs: number): PostgresConnection {
    const connection = new PostgresConnection({
      connectionString: this.#url,
      schema: this.#schema,
      max,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: statementMs,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    connection.on('error', (error) => this.#notices.report('a connection to PostgreSQL is lost', error));
    // Of one that BullMQ has taken from the pool and does not listen to (yet): unheard it would end the process. Its statement fails by it.
    connection.pool.on('connect', (client) => client.on('error', () => undefined));
    return connection;
  }
}
