import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { BbbBehaviour } from './bbb-behaviour.js';

export interface BbbHook {
  readonly id: string;
  readonly callbackUrl: string;
  /** External meeting id; null is a global hook. */
  readonly meetingId: string | null;
  /** Event names in lower case; null is all events. */
  readonly eventIds: readonly string[] | null;
  readonly permanent: boolean;
  /** Whether it gets BBB's internal messages instead of events. */
  readonly raw: boolean;
  /** By the server's clock, unix ms. */
  readonly createdAt: number;
}

export interface HookRequest {
  readonly callbackUrl: string;
  readonly meetingId: string | null;
  readonly eventIds: readonly string[] | null;
  readonly raw: boolean;
}

/** What became of a hook, and when by the server's clock (unix ms). */
export interface HookChange {
  readonly at: number;
  readonly hook: BbbHook;
  /** `given-up`: the sender deleted it after the last failed try; `forgotten`: it was gone after a restart. */
  readonly change: 'created' | 'destroyed' | 'given-up' | 'forgotten';
}

interface Entry {
  readonly hook: BbbHook;
  /** Whether the store still has it: what is in memory alone does not outlive a restart. */
  stored: boolean;
  served: boolean;
}

/** The hooks of a simulated BBB server, in memory and in its store (docs/wire.md, "The hooks API"). */
export class BbbHooks {
  readonly #entries: Entry[] = [];
  readonly #behaviour: BbbBehaviour;
  readonly #now: () => number;
  readonly #storeMs: number;
  readonly changes: HookChange[] = [];
  #lastNumber = 0;

  /** `storeMs`: how long storing a hook takes, in real ms. */
  constructor(behaviour: BbbBehaviour, now: () => number, storeMs: number) {
    this.#behaviour = behaviour;
    this.#now = now;
    this.#storeMs = storeMs;
  }

  /** A hook that the operator of the server has set: no call removes it. */
  addPermanent(callbackUrl: string): BbbHook {
    return this.#add({ callbackUrl, meetingId: null, eventIds: null, raw: false }, true);
  }

  /**
   * The callback URL alone tells whether there is one already: that one stays as it is. It is looked for before the hook is stored, and
   * found after that: two calls at once may make two hooks of one URL.
   */
  async create(request: HookRequest): Promise<{ readonly hook: BbbHook; readonly duplicate: boolean }> {
    const known = this.#entries.find(({ hook }) => hook.callbackUrl === request.callbackUrl);
    if (known !== undefined) return { hook: known.hook, duplicate: true };
    if (this.#storeMs > 0) await wait(this.#storeMs);
    const meetingId = this.#behaviour.forgetsMeetingOfHook ? null : request.meetingId;
    return { hook: this.#add({ ...request, meetingId }, false), duplicate: false };
  }

  /** Whether there was such a hook, and not a permanent one. */
  destroy(id: string): boolean {
    const entry = this.#entries.find(({ hook }) => hook.id === id);
    if (entry === undefined || entry.hook.permanent) return false;
    this.#remove(entry, 'destroyed');
    return true;
  }

  /** After the last failed try. One that is not there any more stays gone. */
  giveUp(id: string): void {
    const entry = this.#entries.find(({ hook }) => hook.id === id);
    if (entry === undefined || entry.hook.permanent || !entry.stored) return;
    if (this.#behaviour.deletion === 'at-once') {
      this.#remove(entry, 'given-up');
      return;
    }
    entry.stored = false;
    entry.served = this.#behaviour.deletion === 'store-only';
    this.#note(entry.hook, 'given-up');
  }

  /** The program restarts: what its store has not is gone. The store keeps no order: `reversed`, the oldest hook is the last one then. */
  restart(reversed: boolean): void {
    for (const entry of this.#entries.filter(({ stored }) => !stored)) this.#remove(entry, 'forgotten');
    if (reversed) this.#entries.reverse();
  }

  /** All that are listed, served or not, in the order in which they were created, or restarted with. */
  list(): readonly BbbHook[] {
    return this.#entries.map(({ hook }) => hook);
  }

  /** The hooks that get a meeting's events: all global ones, and of the meeting's own the oldest, which may be a dead one. */
  servedFor(meetingId: string | null): readonly BbbHook[] {
    const found = [...this.#globals(), ...(meetingId === null ? [] : this.#ofMeeting(meetingId))];
    return found.filter(({ served }) => served).map(({ hook }) => hook);
  }

  /** What is listed of a meeting: the hooks that get its events. Null where the call fails, since there is none of the meeting's own. */
  listFor(meetingId: string): readonly BbbHook[] | null {
    const own = this.#ofMeeting(meetingId);
    if (own.length === 0 && !this.#behaviour.servesAllHooksOfMeeting) return null;
    return [...this.#globals(), ...own].map(({ hook }) => hook).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #globals(): readonly Entry[] {
    return this.#entries.filter(({ hook }) => hook.meetingId === null);
  }

  #ofMeeting(meetingId: string): readonly Entry[] {
    const own = this.#entries.filter(({ hook }) => hook.meetingId === meetingId);
    return this.#behaviour.servesAllHooksOfMeeting ? own : own.slice(0, 1);
  }

  #add(request: HookRequest, permanent: boolean): BbbHook {
    const hook = { id: this.#nextId(request.callbackUrl, permanent), ...request, permanent, createdAt: this.#now() };
    this.#entries.push({ hook, stored: true, served: true });
    this.#note(hook, 'created');
    return hook;
  }

  #remove(entry: Entry, change: HookChange['change']): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#note(entry.hook, change);
  }

  #note(hook: BbbHook, change: HookChange['change']): void {
    this.changes.push({ at: this.#now(), hook, change });
  }

  /** A permanent hook has the same id whenever the program starts. */
  #nextId(callbackUrl: string, permanent: boolean): string {
    if (this.#behaviour.hookIds === 'number') {
      this.#lastNumber += 1;
      return String(this.#lastNumber);
    }
    if (!permanent) return randomUUID();
    const hex = createHash('sha1').update(callbackUrl).digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
  }
}
