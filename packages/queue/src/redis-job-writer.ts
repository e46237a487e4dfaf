import type { Redis } from 'ioredis';
import { PARTITION_JOB_OPTIONS } from './job-payload.js';
import type { JobWriter, NewJob } from './queue-backend.js';
import { ADD_JOBS } from './redis-scripts.js';

/** One connection, from its beginning to its end. */
interface Link {
  readonly client: Redis;
  readonly ready: Promise<unknown>;
}

const OPTIONS = JSON.stringify(PARTITION_JOB_OPTIONS);

/**
 * Writes jobs of several queues by one script that looks at the partition record first: one round trip a write, and nothing can change the
 * record in between. A write belongs to one connection, which never connects a second time, so that what was given up is not sent again.
 */
export class RedisJobWriter implements JobWriter {
  readonly #connect: () => Redis;
  readonly #recordKey: string;
  readonly #prefix: string;
  #link: Link;

  private constructor(connect: () => Redis, prefix: string, recordKey: string) {
    this.#connect = connect;
    this.#prefix = prefix;
    this.#recordKey = recordKey;
    this.#link = this.#newLink();
  }

  /** `connect` gives a client that is not connected yet, and that ends where it loses its connection. @throws what connecting throws. */
  static async open(connect: () => Redis, prefix: string, recordKey: string): Promise<RedisJobWriter> {
    const writer = new RedisJobWriter(connect, prefix, recordKey);
    await writer.#link.ready;
    return writer;
  }

  async add(jobs: readonly NewJob[], record: string): Promise<'written' | { record: string | null }> {
    if (this.#link.client.status === 'end') this.#link = this.#newLink();
    const { client, ready } = this.#link;
    await ready;
    const args: (string | number)[] = [record, Date.now(), OPTIONS];
    for (const { queueName, name, data } of jobs) args.push(`${this.#prefix}:${queueName}:`, name, data);
    const reply = await ADD_JOBS.run(client, [this.#recordKey], args);
    if (reply === jobs.length) return 'written';
    if (!Array.isArray(reply)) throw new Error(`Redis stored ${String(reply)} of ${jobs.length} jobs`);
    const [found] = reply as readonly unknown[];
    return { record: typeof found === 'string' ? found : null };
  }

  reset(): void {
    this.#link.client.disconnect();
    this.#link = this.#newLink();
  }

  async close(): Promise<void> {
    this.#link.client.disconnect();
  }

  #newLink(): Link {
    const client = this.#connect();
    const ready = client.connect().then(() => ADD_JOBS.load(client));
    // Whoever writes next hears of it.
    ready.catch(() => client.disconnect());
    return { client, ready };
  }
}
