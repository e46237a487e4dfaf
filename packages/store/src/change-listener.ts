import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Store } from './client.js';

/** The channel to which the database's triggers tell the id of a meeting that changed. */
const CHANNEL = 'conference_change';
const RETRY_MS = { least: 100, most: 5_000 };
/** A connection that died silently is found by a question that it does not answer. */
const LOOK_EVERY_MS = 15_000;
const ANSWER_MS = 5_000;

export interface ChangeHandlers {
  /** From now on every change is told; called again after each time in which none was. */
  readonly onListening: () => void;
  /** Something of this meeting changed, and is committed. */
  readonly onChange: (meetingId: string) => void;
  /** Called once for each loss of the connection, not for each try. */
  readonly onLost: (error: Error) => void;
}

/**
 * Hears of changed meetings by a connection of its own, and makes it again for as long as it is open.
 *
 *     connecting ──LISTEN answered──▶ listening ──lost, or no answer──▶ waiting ──▶ connecting
 */
export class ChangeListener {
  readonly #store: Store;
  readonly #handlers: ChangeHandlers;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(store: Store, handlers: ChangeHandlers) {
    this.#store = store;
    this.#handlers = handlers;
  }

  /** Safe to call twice. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Safe to call twice, and before {@link start}. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let pause = RETRY_MS.least;
    let told = false;
    while (!signal.aborted) {
      const lost = await this.#listen(() => {
        pause = RETRY_MS.least;
        told = false;
      });
      if (signal.aborted) return;
      if (!told) this.#handlers.onLost(lost);
      told = true;
      await wait(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, RETRY_MS.most);
    }
  }

  /** Listens until the connection is lost; gives what ended it. */
  async #listen(listening: () => void): Promise<Error> {
    const client = new pg.Client({ ...this.#store.pool.options, keepAlive: true });
    const { signal } = this.#stopping;
    const ended = new Promise<Error>((resolve) => {
      client.on('error', resolve);
      client.on('end', () => resolve(new Error('the connection ended')));
      signal.addEventListener('abort', () => resolve(new Error('closed')), { once: true });
    });
    client.on('notification', ({ payload }) => {
      if (payload !== undefined) this.#handlers.onChange(payload);
    });
    const work = (async () => {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      listening();
      this.#handlers.onListening();
      for (;;) {
        await wait(LOOK_EVERY_MS, undefined, { signal });
        await answered(client.query('SELECT 1'));
      }
    })();
    try {
      return await Promise.race([ended, work]);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      // What still hangs on this connection is of no interest any more.
      work.catch(() => undefined);
      await answered(client.end()).catch(() => undefined);
    }
  }
}

async function answered(query: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const tooLate = wait(ANSWER_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${ANSWER_MS} ms`);
  });
  try {
    await Promise.race([query, tooLate]);
  } finally {
    timer.abort();
    tooLate.catch(() => undefined);
  }
}
