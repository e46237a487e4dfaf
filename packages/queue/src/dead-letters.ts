import { createHash } from 'node:crypto';
import { QueueUnavailableError, unavailable } from './errors.js';
import { decodePayload, encodePayload, PARTITION_JOB_OPTIONS } from './job-payload.js';
import type { PartitionQueue, QueueBackend } from './queue-backend.js';
import { type QueueLog, silentLog } from './queue-log.js';

/** What could not be applied, whole. */
export interface DeadLetter {
  /** A short fixed term. */
  readonly reason: string;
  readonly detail: string;
  /** JSON. */
  readonly payload: unknown;
  /** Where it comes from, such as a partition's name. */
  readonly source: string;
  /** When it was put aside, ISO 8601. */
  readonly at: string;
}

export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
}

export interface DeadLetterPage {
  /** Newest first. */
  readonly letters: readonly StoredDeadLetter[];
  /** Where the next page begins; null on the last one. */
  readonly cursor: string | null;
}

export const DEAD_LETTER_QUEUE = 'dead-letters';
const MAX_LETTERS = 10_000;
const TIMEOUT_MS = 3_000;

/** The dead letters: jobs of a queue that no worker serves, so that Bull Board shows them. */
export class DeadLetters {
  readonly #backend: QueueBackend;
  readonly #queue: PartitionQueue;
  readonly #maxLetters: number;
  readonly #log: QueueLog;

  private constructor(backend: QueueBackend, queue: PartitionQueue, maxLetters: number, log: QueueLog) {
    this.#backend = backend;
    this.#queue = queue;
    this.#maxLetters = maxLetters;
    this.#log = log;
  }

  /** @throws {QueueUnavailableError} */
  static async open(backend: QueueBackend, options: { maxLetters?: number; log?: QueueLog } = {}): Promise<DeadLetters> {
    const queue = backend.queue(DEAD_LETTER_QUEUE);
    await answered(queue.waitUntilReady());
    return new DeadLetters(backend, queue, options.maxLetters ?? MAX_LETTERS, options.log ?? silentLog);
  }

  /**
   * Puts a letter aside. One that is there already, the same in everything but its time, is not added again: a batch whose
   * worker died before it was done comes again. Beyond the greatest number the oldest letters go, and that is logged.
   *
   * @throws {QueueUnavailableError} when it is not known to be stored.
   */
  async add(letter: Omit<DeadLetter, 'at'>): Promise<void> {
    const { reason, detail, payload, source } = letter;
    const same = createHash('sha256')
      .update(JSON.stringify([reason, detail, payload, source]))
      .digest('hex');
    const data = encodePayload([{ reason, detail, payload, source, at: new Date().toISOString() }]);
    await answered(this.#queue.add(reason, data, { ...PARTITION_JOB_OPTIONS, deduplication: { id: same } }));
    await this.#trim().catch((error: unknown) => {
      this.#log.warn({ reason: String(error) }, 'the oldest dead letters could not be removed');
    });
  }

  /** @throws {QueueUnavailableError} */
  async count(): Promise<number> {
    return answered(this.#queue.getWaitingCount());
  }

  /** A page of letters, newest first, from a cursor on. @throws {QueueUnavailableError} */
  async list(options: { limit: number; cursor?: string | null }): Promise<DeadLetterPage> {
    const limit = Math.min(Math.max(Math.trunc(options.limit), 1), 500);
    const before = options.cursor === undefined || options.cursor === null ? null : Number(options.cursor);
    if (before !== null && !Number.isSafeInteger(before)) return { letters: [], cursor: null };
    const jobs = await answered(this.#backend.newestWaiting(DEAD_LETTER_QUEUE, limit + 1, before));
    const letters = jobs.slice(0, limit).map(({ id, data }) => letterOf(id, data));
    return { letters, cursor: jobs.length > limit ? (letters.at(-1)?.id ?? null) : null };
  }

  /** The letter, or null where there is none of this id. @throws {QueueUnavailableError} */
  async get(id: string): Promise<StoredDeadLetter | null> {
    const job = await answered(this.#queue.getJob(id));
    return job === undefined || job === null ? null : letterOf(id, job.data);
  }

  /** False where there is none of this id. @throws {QueueUnavailableError} */
  async remove(id: string): Promise<boolean> {
    if ((await this.get(id)) === null) return false;
    return (await answered(this.#queue.remove(id))) === 1;
  }

  /** The queue itself belongs to the backend and ends with it. */
  async close(): Promise<void> {}

  async #trim(): Promise<void> {
    const surplus = (await this.count()) - this.#maxLetters;
    if (surplus < 1) return;
    const ids = await answered(this.#backend.oldestWaiting(DEAD_LETTER_QUEUE, surplus));
    const removed = await Promise.all(ids.map((id) => answered(this.#queue.remove(id))));
    const dropped = removed.filter((count) => count === 1).length;
    this.#log.warn({ dropped, kept: this.#maxLetters }, 'the oldest dead letters were dropped: there are too many');
  }
}

function letterOf(id: string, data: unknown): StoredDeadLetter {
  const [letter] = decodePayload(data);
  if (typeof letter !== 'object' || letter === null) throw new Error(`dead letter ${id} cannot be read`);
  const text = (name: string) => String(Reflect.get(letter, name) ?? '');
  return {
    id,
    reason: text('reason'),
    detail: text('detail'),
    payload: Reflect.get(letter, 'payload'),
    source: text('source'),
    at: text('at'),
  };
}

async function answered<R>(call: Promise<R>): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new QueueUnavailableError(`the dead letters did not answer within ${TIMEOUT_MS} ms`)),
      TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([call, tooLate]);
  } catch (error) {
    throw error instanceof QueueUnavailableError ? error : unavailable('the dead letters cannot be reached', error);
  } finally {
    clearTimeout(timer);
  }
}
