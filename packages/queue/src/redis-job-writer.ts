import { createRedisBackend, FlowProducer, type IQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { failOnRefusedJobs } from './failing-add-flow.js';
import { PARTITION_JOB_OPTIONS } from './job-payload.js';
import type { JobWriter, NewJob } from './queue-backend.js';
import type { ErrorNotices } from './queue-log.js';

/**
 * Writes jobs of several queues in one MULTI, fenced by WATCH: Redis does not run it when the partition record was written
 * since it was read. That costs one more round trip a write, which the group commit of the publisher makes cheap.
 *
 * A connection of its own is needed: WATCH belongs to the connection, and any EXEC on it ends all watching.
 */
export class RedisJobWriter implements JobWriter {
  readonly #client: Redis;
  readonly #recordKey: string;
  readonly #prefix: string;
  readonly #producer: FlowProducer<IQueueBackend>;

  constructor(client: Redis, prefix: string, recordKey: string, notices: ErrorNotices) {
    this.#client = client;
    this.#prefix = prefix;
    this.#recordKey = recordKey;
    this.#producer = new FlowProducer<IQueueBackend>({ connection: client, prefix }, (name, options, use) =>
      failOnRefusedJobs(createRedisBackend(name, options, use)),
    );
    this.#producer.on('error', (error) => notices.report('the publisher reports an error', error));
  }

  async add(jobs: readonly NewJob[], record: string): Promise<'written' | { record: string | null }> {
    const [, found] = await Promise.all([this.#client.watch(this.#recordKey), this.#client.get(this.#recordKey)]);
    if (found !== record) {
      await this.#client.unwatch();
      return { record: found };
    }
    await this.#producer.addBulk(jobs.map((job) => ({ ...job, prefix: this.#prefix, opts: PARTITION_JOB_OPTIONS })));
    return 'written';
  }

  reset(): void {
    if (this.#client.status === 'ready') this.#client.disconnect(true);
  }

  async close(): Promise<void> {
    await this.#producer.close();
    this.#client.disconnect();
  }
}
