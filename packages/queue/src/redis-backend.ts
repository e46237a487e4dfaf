import { createRedisBackend, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { UnsafeRedisError, unavailable } from './errors.js';
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
  type StoreMemory,
  type Trimmed,
  type WaitingJob,
  type WorkerSettings,
} from './queue-backend.js';
import { ErrorNotices, type QueueLog } from './queue-log.js';
import { ANSWER_MS, connectionWatch, dangersOf, failFastClient, reconnectMs } from './redis-clients.js';
import { RedisJobWriter } from './redis-job-writer.js';
import {
  DEPTH,
  NEXT_QUEUED_AT,
  NEXT_WAITING,
  REMOVE_WAITING,
  REPLACE_DATA,
  REPLACE_RECORD,
  TRIM_OLDEST,
  WAITING_BY_NAME,
} from './redis-scripts.js';
import { RedisWorker } from './redis-worker.js';

/** A worker's connection may be silent for as long as it blocks (at most 10 s) before it is taken for dead. */
const WORKER_SILENCE_MS = 30_000;

export interface RedisBackendOptions {
  readonly url: string;
  readonly prefix: string;
  readonly allowUnsafe?: boolean;
}

/** See connectBackend. */
export async function connectRedisBackend(options: RedisBackendOptions, log: QueueLog): Promise<QueueBackend> {
  const commands = failFastClient(options.url, ANSWER_MS, reconnectMs);
  connectionWatch('commands', log)(commands);
  const backend = new RedisBackend(commands, options, log);
  try {
    await commands.connect().catch((error: unknown) => Promise.reject(unavailable('Redis cannot be reached', error)));
    const problems = await dangersOf(commands);
    if (problems.length > 0 && options.allowUnsafe !== true) throw new UnsafeRedisError(problems);
    if (problems.length > 0) log.warn({ problems }, 'this Redis may lose acknowledged events; it was allowed by name');
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

class RedisBackend implements QueueBackend {
  readonly kind = 'redis';
  readonly #url: string;
  readonly #prefix: string;
  readonly #log: QueueLog;
  readonly #notices: ErrorNotices;
  readonly #commands: Redis;
  #workers: Redis | undefined;
  readonly #queues = new Map<string, PartitionQueue>();
  #closing: Promise<void> | undefined;

  constructor(commands: Redis, options: RedisBackendOptions, log: QueueLog) {
    this.#commands = commands;
    this.#url = options.url;
    this.#prefix = options.prefix;
    this.#log = log;
    this.#notices = new ErrorNotices(log);
  }

  async ping(): Promise<void> {
    await this.#commands.ping().catch((error: unknown) => Promise.reject(unavailable('Redis does not answer', error)));
  }

  async memory(): Promise<StoreMemory | null> {
    const info = await this.#commands.info('memory');
    const [used, limit] = ['used_memory', 'maxmemory'].map((name) =>
      Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0),
    );
    return used === undefined || limit === undefined || limit === 0 ? null : { used, limit };
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
      this.#workers?.disconnect();
      this.#commands.disconnect();
    })();
    return this.#closing;
  }

  queue(name: string): PartitionQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue: PartitionQueue = new Queue(
      name,
      { connection: this.#commands, prefix: this.#prefix, streams: { events: { maxLen: KEPT_EVENTS } } },
      createRedisBackend,
    ) as unknown as PartitionQueue;
    queue.on('error', (error) => this.#notices.report('a queue reports an error', error));
    this.#queues.set(name, queue);
    return queue;
  }

  worker(name: string, processor: PartitionJobProcessor, { gate = null, ...settings }: WorkerSettings): PartitionWorker {
    this.#workers ??= this.#workerClient();
    return new RedisWorker(
      name,
      processor,
      { ...settings, connection: this.#workers, prefix: this.#prefix, autorun: false },
      createRedisBackend,
      gate,
    ) as unknown as PartitionWorker;
  }

  /** Shared by all workers for what does not block; BullMQ makes a blocking duplicate for each. Its commands wait for Redis to come back. */
  #workerClient(): Redis {
    const client = new Redis(this.#url, {
      maxRetriesPerRequest: null,
      socketTimeout: WORKER_SILENCE_MS,
      retryStrategy: reconnectMs,
    });
    connectionWatch('workers', this.#log)(client);
    return client;
  }

  async writer(timeoutMs: number): Promise<JobWriter> {
    const watch = connectionWatch('publisher', this.#log);
    const connect = () => {
      const client = failFastClient(this.#url, timeoutMs, () => null);
      watch(client);
      return client;
    };
    return RedisJobWriter.open(connect, this.#prefix, this.#recordKey).catch((error: unknown) => {
      throw unavailable('Redis cannot be reached', error);
    });
  }

  async nextWaiting(queueName: string, maxItems: number): Promise<NextJob[]> {
    const reply = strings(
      await NEXT_WAITING.run(this.#commands, [this.#key(queueName, 'wait')], [this.#key(queueName, ''), maxItems]),
    );
    const jobs: NextJob[] = [];
    for (let at = 0; at + 2 < reply.length; at += 3) {
      jobs.push({ id: reply[at] ?? '', data: dataOf(reply[at + 1] ?? ''), queuedAt: Number(reply[at + 2]) });
    }
    return jobs;
  }

  noteServer(queueName: string, server: string): Promise<string | null> {
    return this.#commands.set(this.#key(queueName, 'server'), server, 'GET');
  }

  /** By BullMQ's own marker, which the worker gets that has waited for it longest. */
  async wakeAnother(queueName: string): Promise<void> {
    await this.#commands.zadd(this.#key(queueName, 'marker'), 0, '0');
  }

  async removeWaiting(queueName: string, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    const keys = [this.#key(queueName, 'wait'), this.#key(queueName, 'meta'), this.#key(queueName, 'events')];
    return Number(await REMOVE_WAITING.run(this.#commands, keys, [this.#key(queueName, ''), ...ids]));
  }

  async newestWaiting(queueName: string, limit: number, before: number | null): Promise<WaitingJob[]> {
    const all = await this.#commands.lrange(this.#key(queueName, 'wait'), 0, -1);
    const ids = all.filter((id) => before === null || Number(id) < before).slice(0, limit);
    const data = await Promise.all(ids.map((id) => this.#commands.hget(this.#key(queueName, id), 'data')));
    return pairs(ids.flatMap((id, index) => [id, data[index] ?? '']).filter((_, index) => data[Math.floor(index / 2)] !== null));
  }

  async trimOldest(queueName: string, maxJobs: number, maxBytes: number): Promise<Trimmed> {
    const keys = ['wait', 'meta', 'events'].map((what) => this.#key(queueName, what));
    const reply = await TRIM_OLDEST.run(this.#commands, keys, [this.#key(queueName, ''), maxJobs, maxBytes]);
    const [jobs, bytes] = strings(reply);
    return { jobs: Number(jobs), bytes: Number(bytes) };
  }

  async depth(queueName: string): Promise<QueueDepth> {
    const keys = [this.#key(queueName, 'wait'), this.#key(queueName, 'active')];
    const [waiting, active, oldest] = strings(await DEPTH.run(this.#commands, keys, [this.#key(queueName, '')]));
    return { waiting: Number(waiting), active: Number(active), oldestAt: oldest === '' ? null : Number(oldest) };
  }

  async nextQueuedAt(queueNames: readonly string[]): Promise<(number | null)[]> {
    const told = strings(
      await NEXT_QUEUED_AT.run(
        this.#commands,
        [],
        queueNames.map((name) => this.#key(name, '')),
      ),
    );
    return told.map((at) => (at === '' ? null : Number(at)));
  }

  async waitingByName(queueName: string): Promise<Map<string, number>> {
    const reply = await WAITING_BY_NAME.run(this.#commands, [this.#key(queueName, 'wait')], [this.#key(queueName, '')]);
    const told = strings(reply);
    return new Map(told.flatMap((name, at) => (at % 2 === 0 ? [[name, Number(told[at + 1])] as const] : [])));
  }

  async jobsLeft(queueName: string): Promise<number> {
    const [counts, parked] = await Promise.all([
      this.queue(queueName).getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'waiting-children', 'failed'),
      // Where earlier versions of BullMQ put the jobs of a paused queue; this one takes them back when it resumes.
      this.#commands.llen(this.#key(queueName, 'paused')),
    ]);
    return Object.values(counts).reduce((sum, jobs) => sum + jobs, parked);
  }

  async *jobIds(queueName: string): AsyncGenerator<string, void, void> {
    const prefix = this.#key(queueName, '');
    // Jobs are hashes, beside the queue's own `meta`, which has no data; what belongs to a job has one colon more.
    for await (const keys of this.#commands.scanStream({ match: `${prefix}*`, type: 'hash', count: 1_000 })) {
      for (const key of strings(keys)) {
        const id = key.slice(prefix.length);
        if (!id.includes(':') && id !== 'meta') yield id;
      }
    }
  }

  async jobData(queueName: string, id: string): Promise<{ data: unknown } | null> {
    const data = await this.#commands.hget(this.#key(queueName, id), 'data');
    return data === null ? null : { data: dataOf(data) };
  }

  async changeData(
    queueName: string,
    id: string,
    change: (data: unknown) => Promise<JobChange | null>,
  ): Promise<'changed' | 'left' | 'known'> {
    const key = this.#key(queueName, id);
    for (;;) {
      const before = await this.#commands.hget(key, 'data');
      const after = before === null ? null : await change(dataOf(before));
      if (before === null || after === null) return 'left';
      const place = [this.#key(queueName, ''), id, after.knownAs ?? ''];
      const outcome = await REPLACE_DATA.run(this.#commands, [key], [before, JSON.stringify(after.data), ...place]);
      if (outcome === 'changed' || outcome === 'left' || outcome === 'known') return outcome;
    }
  }

  async forgetEvents(queueName: string): Promise<void> {
    await this.#commands.xtrim(this.#key(queueName, 'events'), 'MAXLEN', 0);
  }

  readPartitionRecord(): Promise<string | null> {
    return this.#commands.get(this.#recordKey);
  }

  async createPartitionRecord(record: string): Promise<boolean> {
    return (await this.#commands.set(this.#recordKey, record, 'NX')) === 'OK';
  }

  async replacePartitionRecord(from: string, to: string): Promise<boolean> {
    return (await REPLACE_RECORD.run(this.#commands, [this.#recordKey], [from, to])) === 1;
  }

  get #recordKey(): string {
    return `${this.#prefix}:partitions`;
  }

  #key(queueName: string, what: string): string {
    return `${this.#prefix}:${queueName}:${what}`;
  }
}

/** The text itself where it is no JSON, which is no payload. */
function dataOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function strings(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}

function pairs(flat: readonly string[]): WaitingJob[] {
  const jobs: WaitingJob[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) jobs.push({ id: flat[at] ?? '', data: dataOf(flat[at + 1] ?? '') });
  return jobs;
}
