import { setTimeout as delay } from 'node:timers/promises';
import { QueueUnavailableError } from '@bbb-activity/queue/errors';
import type { Spool, SpoolBatch } from '@bbb-activity/spool/spool';
import type { Logger } from '@bbb-activity/telemetry/logger';
import type { IngressQueue } from './ingress-queue.js';
import type { DeadLetterSink, EventSink } from './intake.js';
import type { QueuePressure } from './queue-pressure.js';
import { decodeEntry, encodeEntry, gatherEntries, type SpooledEntry } from './spooled-entry.js';

interface Held {
  readonly entry: SpooledEntry;
  readonly resolve: (taken: Promise<void>) => void;
}

/** Waits between tries to hand over, in ms: at first short, since a queue that restarts is back soon. */
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** So little of a backlog is handed over at once, while what comes meanwhile waits in memory instead of making it longer. */
const NEARLY_DONE_BYTES = 256 * 1024;

/**
 * The queue, and a spool on the local disk for when it is away. While the queue takes what comes, the spool is not touched.
 *
 *     direct ──the queue refuses──▶ spooling ──nearly all handed over──▶ holding ──all handed over──▶ direct
 *                                       ▲                                   │
 *                                       └───────the queue refuses───────────┘
 *
 * - direct: everything goes to the queue. What it refuses is spooled, once all that was sent to it before is answered; so nothing is in the spool that
 *   something sent earlier could still pass.
 * - spooling: everything is appended to the spool, behind what is there, while the head of the spool is tried again and again.
 * - holding: what comes waits for the last records to be handed over, else a spool that is filled as fast as it is emptied would never end.
 */
export class SpoolingQueue implements IngressQueue {
  readonly events: EventSink;
  readonly letters: DeadLetterSink;
  readonly #queue: IngressQueue;
  readonly #spool: Spool;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #state: 'direct' | 'spooling' | 'holding' = 'direct';
  /** Calls of the queue that are not answered, and what waits for their answers. */
  #underWay = 0;
  #answered: (() => void)[] = [];
  /** Entries that are on their way into the spool. */
  readonly #appending = new Set<Promise<void>>();
  #held: Held[] = [];
  #handingOver: Promise<void> = Promise.resolve();
  #since = 0;
  #handedOver = { entries: 0, events: 0 };
  #isFull = false;
  #closing: Promise<void> | undefined;

  /** Takes over a spool; what an earlier process left in it is handed over first. */
  constructor(queue: IngressQueue, spool: Spool, log: Logger) {
    this.#queue = queue;
    this.#spool = spool;
    this.#log = log;
    this.events = {
      requireRoom: () => this.#requireRoom(),
      publish: (events, from = []) => this.#take({ events, from }),
    };
    this.letters = { addAll: (letters) => this.#take({ letters }) };
    if (spool.backlogBytes > 0) this.#beginSpooling('an earlier process left a spool');
  }

  /** Resolves with `spooling` where the queue is away and the spool takes its place. */
  async ready(): Promise<unknown> {
    try {
      return await this.#queue.ready();
    } catch (error) {
      if (isUnavailable(error) && this.#spool.hasRoom) return 'spooling';
      throw error;
    }
  }

  pressure(): QueuePressure {
    const inUse = this.#state !== 'direct';
    const { bytes, maxBytes, backlog } = this.#spool;
    return { ...this.#queue.pressure(), spool: { bytes, maxBytes, waiting: backlog, inUse, full: this.#isFull && inUse } };
  }

  /** Leaves on the disk what is not handed over: the next process of this folder does it. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#stopping.abort();
      await this.#handingOver;
      await this.#spool.close();
      await this.#queue.close();
    })();
    return this.#closing;
  }

  #requireRoom(): void {
    if (this.#spool.hasRoom) return;
    if (this.#state !== 'direct') throw new QueueUnavailableError('the queue is away, and the spool is full');
    this.#queue.events.requireRoom();
  }

  #take(entry: SpooledEntry): Promise<void> {
    if (this.#state === 'direct') return this.#send(entry).catch((error: unknown) => this.#refused(entry, error));
    if (this.#state === 'spooling') return this.#append(entry);
    return new Promise((resolve) => this.#held.push({ entry, resolve }));
  }

  #send(entry: SpooledEntry): Promise<void> {
    this.#underWay += 1;
    const sent =
      'events' in entry ? this.#queue.events.publish(entry.events, entry.from) : this.#queue.letters.addAll(entry.letters);
    return sent.finally(() => {
      this.#underWay -= 1;
      if (this.#underWay === 0) for (const go of this.#answered.splice(0)) go();
    });
  }

  #refused(entry: SpooledEntry, error: unknown): Promise<void> {
    if (!isUnavailable(error)) throw error;
    if (this.#state === 'direct') this.#beginSpooling(error instanceof Error ? error.message : String(error));
    return this.#state === 'holding' ? this.#take(entry) : this.#append(entry);
  }

  #append(entry: SpooledEntry): Promise<void> {
    const appended = this.#appendOne(entry);
    this.#appending.add(appended);
    return appended.finally(() => this.#appending.delete(appended));
  }

  async #appendOne(entry: SpooledEntry): Promise<void> {
    try {
      if (this.#underWay > 0) await new Promise<void>((go) => this.#answered.push(go));
      await this.#spool.append(encodeEntry(entry));
      this.#isFull = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#isFull)
        this.#log.error({ reason, bytes: this.#spool.bytes }, 'the spool takes nothing more: deliveries are refused');
      this.#isFull = true;
      throw new QueueUnavailableError(`the queue is away, and ${reason}`);
    }
  }

  #beginSpooling(reason: string): void {
    this.#state = 'spooling';
    this.#since = Date.now();
    this.#handedOver = { entries: 0, events: 0 };
    this.#log.error({ reason, bytes: this.#spool.backlogBytes }, 'the queue is away: what comes is spooled on the local disk');
    this.#handingOver = this.#handOver();
  }

  async #handOver(): Promise<void> {
    let wait = FIRST_RETRY_MS;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (await this.#giveOne()) return;
        wait = FIRST_RETRY_MS;
      } catch (error) {
        this.#spoolHeld();
        if (!isUnavailable(error)) this.#log.error({ err: error }, 'the spool cannot be handed over; trying again');
        await delay(wait, undefined, { signal }).catch(() => undefined);
        wait = Math.min(wait * 2, LAST_RETRY_MS);
      }
    }
    this.#spoolHeld();
    await Promise.allSettled(this.#appending);
  }

  /** Hands the head of the spool over; gives whether nothing is left, and everything goes to the queue again. */
  async #giveOne(): Promise<boolean> {
    const batch = await this.#spool.next();
    if (batch !== null) {
      await this.#give(batch);
      await this.#spool.acknowledge(batch);
      // Only once the queue has taken something: while it is away nobody is to wait for it.
      if (this.#state === 'spooling' && this.#spool.backlogBytes <= NEARLY_DONE_BYTES) this.#state = 'holding';
      return false;
    }
    if (this.#appending.size > 0) {
      await Promise.allSettled(this.#appending);
      return false;
    }
    // Nothing could be spooled, so that nothing has shown yet that the queue takes something again.
    if (this.#handedOver.entries === 0) {
      await this.#queue.ready();
      this.#queue.events.requireRoom();
    }
    this.#state = 'direct';
    this.#log.info({ ...this.#handedOver, ms: Date.now() - this.#since }, 'the queue is back, and the spool is handed over');
    for (const { entry, resolve } of this.#held.splice(0)) resolve(this.#take(entry));
    return true;
  }

  async #give({ payloads }: SpoolBatch): Promise<void> {
    for (const entry of gatherEntries(payloads.map(decodeEntry))) await this.#sendAlone(entry);
    this.#handedOver.entries += payloads.length;
  }

  async #sendAlone(entry: SpooledEntry): Promise<void> {
    if ('events' in entry) {
      await this.#queue.events.publish(entry.events, entry.from);
      this.#handedOver.events += entry.events.length;
    } else await this.#queue.letters.addAll(entry.letters);
  }

  #spoolHeld(): void {
    if (this.#state !== 'holding') return;
    this.#state = 'spooling';
    for (const { entry, resolve } of this.#held.splice(0)) resolve(this.#append(entry));
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof QueueUnavailableError;
}
