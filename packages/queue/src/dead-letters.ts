import { randomBytes } from 'node:crypto';
import { contentId, type DeadLetter, letterOf } from './dead-letter.js';
import { messageOf, QueueUnavailableError, unavailable } from './errors.js';
import { encodePayload, PARTITION_JOB_OPTIONS, type StoredPayload } from './job-payload.js';
import type { PartitionQueue, QueueBackend } from './queue-backend.js';
import { type QueueLog, silentLog } from './queue-log.js';

export type { DeadLetter } from './dead-letter.js';

export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
}

export interface DeadLetterPage {
  /** Newest first. */
  readonly letters: readonly StoredDeadLetter[];
  /** Where the next page begins; null on the last one. */
  readonly cursor: string | null;
}

export interface DeadLetterOptions {
  /** The oldest go beyond it. Default 10,000. */
  readonly maxLetters?: number;
  /** Of all letters, as stored; the oldest go beyond it. Default 64 MiB. */
  readonly maxBytes?: number;
  /** The longest a call takes, in ms. Default 3,000: a BBB server waits 5 s for an answer. */
  readonly timeoutMs?: number;
  readonly log?: QueueLog;
}

interface NewLetter {
  readonly name: string;
  readonly data: StoredPayload;
  readonly opts: typeof PARTITION_JOB_OPTIONS & { readonly deduplication: { readonly id: string } };
  readonly bytes: number;
}

export const DEAD_LETTER_QUEUE = 'dead-letters';
const MAX_LETTERS = 10_000;
const MAX_BYTES = 64 * 2 ** 20;
const TIMEOUT_MS = 3_000;
/** Of one write: what others do not wait long for. BullMQ takes one of PostgreSQL's locks for each letter; 6,400 is usual. */
const MOST_AT_ONCE = { letters: 250, bytes: 4 * 2 ** 20 };
/** What a process may add, of the most letters or bytes, before it looks again whether there are too many. */
const SLACK = { letters: 1 / 100, bytes: 1 / 16 };

/** The dead letters: jobs of a queue that no worker serves, so that Bull Board shows them. The queue ends with the backend. */
export class DeadLetters {
  readonly #backend: QueueBackend;
  readonly #queue: PartitionQueue;
  readonly #maxLetters: number;
  readonly #maxBytes: number;
  readonly #timeoutMs: number;
  readonly #log: QueueLog;
  /** Since the last look whether there are too many; the first letter looks. */
  #added = { letters: Number.POSITIVE_INFINITY, bytes: 0 };

  private constructor(backend: QueueBackend, queue: PartitionQueue, options: DeadLetterOptions) {
    this.#backend = backend;
    this.#queue = queue;
    this.#maxLetters = options.maxLetters ?? MAX_LETTERS;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#log = options.log ?? silentLog;
  }

  /** @throws {QueueUnavailableError} */
  static async open(backend: QueueBackend, options: DeadLetterOptions = {}): Promise<DeadLetters> {
    const queue = backend.queue(DEAD_LETTER_QUEUE);
    const letters = new DeadLetters(backend, queue, options);
    await letters.#answered(queue.waitUntilReady());
    return letters;
  }

  /** {@link addAll} of one. */
  add(letter: Omit<DeadLetter, 'at'>): Promise<void> {
    return this.addAll([letter]);
  }

  /**
   * Puts letters aside, in their order. One that is there already, the same in everything but its time, is not added again: a
   * batch whose worker died before it was done comes again, and so does a delivery that was not answered in time.
   *
   * The oldest letters go beyond the greatest number or size, and that is logged. It is looked after now and then: meanwhile
   * each process may have added a hundredth of the number, or a sixteenth of the size and one call, too much.
   *
   * @throws {QueueUnavailableError} within `timeoutMs`, when it is not known that all are stored; some may be.
   */
  async addAll(letters: readonly Omit<DeadLetter, 'at'>[]): Promise<void> {
    if (letters.length === 0) return;
    const deadline = performance.now() + this.#timeoutMs;
    const at = new Date().toISOString();
    const added = letters.map((letter) => newLetter(letter, at));
    for (const share of shares(added)) await this.#answered(this.#queue.addBulk(share), deadline);
    this.#added.letters += added.length;
    this.#added.bytes += added.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#added.letters < this.#maxLetters * SLACK.letters && this.#added.bytes < this.#maxBytes * SLACK.bytes) return;
    await this.#trim(deadline);
  }

  /** @throws {QueueUnavailableError} */
  async count(): Promise<number> {
    return this.#answered(this.#backend.jobsLeft(DEAD_LETTER_QUEUE));
  }

  /** How many there are of each reason. @throws {QueueUnavailableError} */
  async countByReason(): Promise<Map<string, number>> {
    return this.#answered(this.#backend.waitingByName(DEAD_LETTER_QUEUE));
  }

  /** A page of letters, newest first, from a cursor on; what is no letter is shown as {@link letterOf} does. @throws {QueueUnavailableError} */
  async list(options: { limit: number; cursor?: string | null }): Promise<DeadLetterPage> {
    const limit = Math.min(Math.max(Math.trunc(options.limit), 1), 500);
    const before = options.cursor === undefined || options.cursor === null ? null : Number(options.cursor);
    if (before !== null && !Number.isSafeInteger(before)) return { letters: [], cursor: null };
    const jobs = await this.#answered(this.#backend.newestWaiting(DEAD_LETTER_QUEUE, limit + 1, before));
    const letters = jobs.slice(0, limit).map(({ id, data }) => ({ id, ...letterOf(data) }));
    return { letters, cursor: jobs.length > limit ? (letters.at(-1)?.id ?? null) : null };
  }

  /** The letter, or null where there is none of this id. @throws {QueueUnavailableError} */
  async get(id: string): Promise<StoredDeadLetter | null> {
    const job = await this.#answered(this.#backend.jobData(DEAD_LETTER_QUEUE, id));
    return job === null ? null : { id, ...letterOf(job.data) };
  }

  /** False where there is none of this id. @throws {QueueUnavailableError} */
  async remove(id: string): Promise<boolean> {
    if ((await this.get(id)) === null) return false;
    return (await this.#answered(this.#queue.remove(id))) === 1;
  }

  /**
   * Makes a letter unknown by what it says: the same put aside again is a letter of its own from then on. False where there is none of this id.
   *
   * @throws {QueueUnavailableError}
   */
  async estrange(id: string): Promise<boolean> {
    const knownAs = randomBytes(32).toString('hex');
    const change = async (data: unknown) => ({ data: data as StoredPayload, knownAs });
    return (await this.#answered(this.#backend.changeData(DEAD_LETTER_QUEUE, id, change))) === 'changed';
  }

  /** The letters of the call are stored by now: an error here means only that there are too many until the next one. */
  async #trim(deadline: number): Promise<void> {
    const looked = this.#added;
    this.#added = { letters: 0, bytes: 0 };
    try {
      const trimming = this.#backend.trimOldest(DEAD_LETTER_QUEUE, this.#maxLetters, this.#maxBytes);
      const { jobs, bytes } = await this.#answered(trimming, deadline);
      if (jobs > 0) this.#log.warn({ dropped: jobs, bytes }, 'the oldest dead letters were dropped: there are too many');
    } catch (error) {
      this.#added = looked;
      this.#log.warn({ reason: messageOf(error) }, 'the oldest dead letters could not be removed');
    }
  }

  async #answered<R>(call: Promise<R>, deadline = performance.now() + this.#timeoutMs): Promise<R> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new QueueUnavailableError(`the dead letters did not answer within ${this.#timeoutMs} ms`)),
        deadline - performance.now(),
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
}

function newLetter({ reason, detail, payload, source }: Omit<DeadLetter, 'at'>, at: string): NewLetter {
  const data = encodePayload([{ reason, detail, payload, source, at }]);
  const deduplication = { id: contentId({ reason, detail, payload, source }) };
  const bytes = Buffer.byteLength(JSON.stringify(data));
  return { name: reason, data, opts: { ...PARTITION_JOB_OPTIONS, deduplication }, bytes };
}

function* shares(letters: readonly NewLetter[]): Generator<NewLetter[]> {
  let share: NewLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    if (share.length === MOST_AT_ONCE.letters || (share.length > 0 && bytes + letter.bytes > MOST_AT_ONCE.bytes)) {
      yield share;
      share = [];
      bytes = 0;
    }
    share.push(letter);
    bytes += letter.bytes;
  }
  yield share;
}
