import { setTimeout as delay } from 'node:timers/promises';
import { QueueUnavailableError } from '@bbb-activity/queue/errors';
import type { Logger } from '@bbb-activity/telemetry/logger';
import type { IngressQueue } from './ingress-queue.js';
import type { DeadLetterSink, EventSink } from './intake.js';
import { NO_PRESSURE, type QueuePressure } from './queue-pressure.js';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

/**
 * Opens the queue, or gives one that refuses everything until it could be opened: for ingress with a spool, which need not wait for it.
 *
 * @throws what `connect` throws, but for QueueUnavailableError. Later, the same ends the process, as it would have ended its start.
 */
export async function openLate(connect: () => Promise<IngressQueue>, log: Logger): Promise<IngressQueue> {
  try {
    return await connect();
  } catch (error) {
    if (!(error instanceof QueueUnavailableError)) throw error;
    log.error({ reason: error.message }, 'the queue is away at the start; trying again');
    return new LateQueue(connect);
  }
}

class LateQueue implements IngressQueue {
  readonly events: EventSink = {
    requireRoom: () => this.#opened().events.requireRoom(),
    publish: async (items, from) => this.#opened().events.publish(items, from),
  };
  readonly letters: DeadLetterSink = { addAll: async (letters) => this.#opened().letters.addAll(letters) };
  readonly #stopping = new AbortController();
  readonly #connecting: Promise<void>;
  #queue: IngressQueue | null = null;

  constructor(connect: () => Promise<IngressQueue>) {
    this.#connecting = this.#keepTrying(connect);
  }

  async ready(): Promise<unknown> {
    return this.#opened().ready();
  }

  pressure(): QueuePressure {
    return this.#queue?.pressure() ?? NO_PRESSURE;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#connecting;
    await this.#queue?.close();
  }

  #opened(): IngressQueue {
    if (this.#queue === null)
      throw new QueueUnavailableError('the queue was away when this process started, and is not there yet');
    return this.#queue;
  }

  /** Not caught by anybody where it rejects: the process then ends. */
  async #keepTrying(connect: () => Promise<IngressQueue>): Promise<void> {
    const { signal } = this.#stopping;
    let wait = FIRST_RETRY_MS;
    while (this.#queue === null && !signal.aborted) {
      await delay(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      wait = Math.min(wait * 2, LAST_RETRY_MS);
      try {
        this.#queue = await connect();
      } catch (error) {
        if (!(error instanceof QueueUnavailableError)) throw error;
      }
    }
  }
}
