import { ChangeListener } from '@bbb-activity/store/change-listener';
import type { Store } from '@bbb-activity/store/client';
import { accessUrlsOf } from '@bbb-activity/store/meeting-queries';
import type { ReadScope } from '@bbb-activity/store/read-scope';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { LRUCache } from 'lru-cache';

/** Who wants to hear of changes. */
export interface LiveSubscriber {
  readonly scope: ReadScope;
  /** The only meeting to hear of; null: all that may be read. */
  readonly meetingId: string | null;
  /** From now on every change is told; what was read before is to be read anew. */
  hello(): void;
  changed(meetingId: string): void;
}

/** Between two tellings of one meeting. */
const QUIET_MS = 500;
const KNOWN_MEETINGS = 10_000;

/** Tells subscribers which meetings changed, of each at once and then at most every half second. */
export class LiveHub {
  readonly #store: Store;
  readonly #listener: ChangeListener;
  readonly #subscribers = new Set<LiveSubscriber>();
  /** Meetings that were told of late, and whether they changed since. */
  readonly #quiet = new Map<string, { changed: boolean; readonly timer: NodeJS.Timeout }>();
  readonly #accessUrls = new LRUCache<string, number>({ max: KNOWN_MEETINGS });
  readonly #log: Logger;
  #listening = false;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
    this.#listener = new ChangeListener(store, {
      onListening: () => {
        this.#listening = true;
        for (const subscriber of this.#subscribers) subscriber.hello();
      },
      onLost: (error) => {
        this.#listening = false;
        log.warn({ reason: error.message }, 'the database does not tell of changes; trying again');
      },
      onChange: (meetingId) => this.#changed(meetingId),
    });
  }

  /** Says hello once changes are heard of. Gives how to end it. The first subscriber opens the connection to the database. */
  subscribe(subscriber: LiveSubscriber): () => void {
    this.#subscribers.add(subscriber);
    this.#listener.start();
    if (this.#listening) subscriber.hello();
    return () => this.#subscribers.delete(subscriber);
  }

  async close(): Promise<void> {
    for (const { timer } of this.#quiet.values()) clearTimeout(timer);
    this.#quiet.clear();
    this.#subscribers.clear();
    await this.#listener.close();
  }

  #changed(meetingId: string): void {
    if (this.#subscribers.size === 0) return;
    const quiet = this.#quiet.get(meetingId);
    if (quiet !== undefined) quiet.changed = true;
    else this.#tell(meetingId);
  }

  #tell(meetingId: string): void {
    const timer = setTimeout(() => {
      const { changed } = this.#quiet.get(meetingId) ?? { changed: false };
      this.#quiet.delete(meetingId);
      if (changed) this.#tell(meetingId);
    }, QUIET_MS);
    this.#quiet.set(meetingId, { changed: false, timer });
    for (const subscriber of this.#subscribers) {
      const { scope, meetingId: only } = subscriber;
      if ((only ?? meetingId) !== meetingId || (scope.meetingId ?? meetingId) !== meetingId) continue;
      if (scope.accessUrlId === null) subscriber.changed(meetingId);
      else this.#tellIfOf(subscriber, scope.accessUrlId, meetingId);
    }
  }

  /** A meeting that nothing is known of, since it was deleted, is told to nobody who may not read all. */
  #tellIfOf(subscriber: LiveSubscriber, accessUrlId: number, meetingId: string): void {
    const known = this.#accessUrls.get(meetingId);
    if (known !== undefined) {
      if (known === accessUrlId) subscriber.changed(meetingId);
      return;
    }
    accessUrlsOf(this.#store, [meetingId]).then(
      (found) => {
        const own = found.get(meetingId);
        if (own === undefined) return;
        this.#accessUrls.set(meetingId, own);
        if (own === accessUrlId && this.#subscribers.has(subscriber)) subscriber.changed(meetingId);
      },
      (error: unknown) => {
        this.#log.warn({ err: error }, 'of whose a changed meeting is cannot be read: subscribers read anew');
        if (this.#subscribers.has(subscriber)) subscriber.hello();
      },
    );
  }
}
