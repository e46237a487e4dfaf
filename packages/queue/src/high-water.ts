import type { QueueBackend } from './queue-backend.js';
import { ErrorNotices, type QueueLog, silentLog } from './queue-log.js';

export interface HighWaterOptions {
  /** Of the store's memory limit, from which on it takes nothing more. Default 0.75: a store that is full refuses the workers too, and nothing could drain it. */
  readonly share?: number;
  /** Default 500. */
  readonly pollMs?: number;
  readonly log?: QueueLog;
}

const SHARE = 0.75;
const POLL_MS = 500;

/** Tells whether the store of the queues has come near its memory limit. A store without a limit never does. */
export class HighWaterMark {
  readonly #backend: QueueBackend;
  readonly #share: number;
  readonly #log: QueueLog;
  readonly #notices: ErrorNotices;
  readonly #timer: NodeJS.Timeout;
  #polling: Promise<void> | undefined;
  #reached = false;

  private constructor(backend: QueueBackend, options: HighWaterOptions) {
    this.#backend = backend;
    this.#share = options.share ?? SHARE;
    this.#log = options.log ?? silentLog;
    this.#notices = new ErrorNotices(this.#log);
    this.#timer = setInterval(() => {
      this.#polling ??= this.#poll();
    }, options.pollMs ?? POLL_MS).unref();
  }

  /** Has looked once when it resolves. */
  static async watch(backend: QueueBackend, options: HighWaterOptions = {}): Promise<HighWaterMark> {
    const mark = new HighWaterMark(backend, options);
    await mark.#poll();
    return mark;
  }

  get reached(): boolean {
    return this.#reached;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#polling;
  }

  async #poll(): Promise<void> {
    try {
      const memory = await this.#backend.memory();
      const reached = memory !== null && memory.used >= memory.limit * this.#share;
      if (reached !== this.#reached) {
        if (reached)
          this.#log.error(
            { ...memory },
            'the memory of the queue is nearly full: events are refused until workers have made room',
          );
        else this.#log.info({ ...memory }, 'the queue has room again');
      }
      this.#reached = reached;
    } catch (error) {
      // What was seen last holds: a store that is away refuses by itself.
      this.#notices.report('the memory of the queue cannot be read', error);
    } finally {
      this.#polling = undefined;
    }
  }
}
