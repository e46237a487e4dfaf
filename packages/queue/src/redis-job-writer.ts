import { createRedisBackend, FlowProducer, type IQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { failOnRefusedJobs } from './failing-add-flow.js';
import { PARTITION_JOB_OPTIONS } from './job-payload.js';
import type { JobWriter, NewJob } from './queue-backend.js';
import type { ErrorNotices } from './queue-log.js';

/** One connection, from its beginning to its end. */
interface Link {
  readonly client: Redis;
  readonly producer: Promise<FlowProducer<IQueueBackend>>;
}

/**
 * Writes jobs of several queues in one MULTI, fenced by WATCH: Redis does not run it when the partition record was written
 * since it was read. That costs one more round trip a write, which the group commit of the publisher makes cheap.
 *
 * WATCH belongs to the connection, and any EXEC on it ends all watching. So a write reads, watches and adds by one client
 * that never connects a second time, and that no other write has after it was given up: it adds under its fence, or not at all.
 */
export class RedisJobWriter implements JobWriter {
  readonly #connect: () => Redis;
  readonly #recordKey: string;
  readonly #prefix: string;
  readonly #notices: ErrorNotices;
  #link: Link;

  private constructor(connect: () => Redis, prefix: string, recordKey: string, notices: ErrorNotices) {
    this.#connect = connect;
    this.#prefix = prefix;
    this.#recordKey = recordKey;
    this.#notices = notices;
    this.#link = this.#newLink();
  }

  /** `connect` gives a client that is not connected yet, and that ends where it loses its connection. @throws what connecting throws. */
  static async open(connect: () => Redis, prefix: string, recordKey: string, notices: ErrorNotices): Promise<RedisJobWriter> {
    const writer = new RedisJobWriter(connect, prefix, recordKey, notices);
    await writer.#link.producer;
    return writer;
  }

  async add(jobs: readonly NewJob[], record: string): Promise<'written' | { record: string | null }> {
    if (this.#link.client.status === 'end') this.#link = this.#newLink();
    const { client } = this.#link;
    const producer = await this.#link.producer;
    const [, found] = await Promise.all([client.watch(this.#recordKey), client.get(this.#recordKey)]);
    if (found !== record) {
      await client.unwatch();
      return { record: found };
    }
    await producer.addBulk(jobs.map((job) => ({ ...job, prefix: this.#prefix, opts: PARTITION_JOB_OPTIONS })));
    return 'written';
  }

  reset(): void {
    this.#link.client.disconnect();
    this.#link = this.#newLink();
  }

  async close(): Promise<void> {
    const { client, producer } = this.#link;
    // One that never was open has nothing to close.
    const open = await producer.catch(() => undefined);
    await open?.close();
    client.disconnect();
  }

  #newLink(): Link {
    const client = this.#connect();
    const producer = this.#produceOver(client);
    // Whoever writes next hears of it.
    producer.catch(() => client.disconnect());
    return { client, producer };
  }

  async #produceOver(client: Redis): Promise<FlowProducer<IQueueBackend>> {
    await client.connect();
    const producer = new FlowProducer<IQueueBackend>({ connection: client, prefix: this.#prefix }, (name, options, use) =>
      failOnRefusedJobs(createRedisBackend(name, options, use)),
    );
    producer.on('error', (error) => this.#notices.report('the publisher reports an error', error));
    await producer.waitUntilReady();
    return producer;
  }
}
