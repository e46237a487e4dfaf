import { setMaxListeners } from 'node:events';
import { signedCallbackUrl } from '@bbb-activity/signatures/bbb-checksum';
import { bearerHeader } from '@bbb-activity/signatures/bearer';
import type { ChecksumAlgorithm } from '@bbb-activity/signatures/checksum-algorithm';
import type { BbbBehaviour } from './bbb-behaviour.js';
import type { BbbClock } from './bbb-clock.js';
import type { BbbHook, BbbHooks } from './bbb-hooks.js';
import type { BbbLedger } from './bbb-ledger.js';
import { postOnce } from './post-once.js';
import { rawMessageOf } from './raw-message.js';
import { countsAsDelivered, SENDER_RETRY_DELAYS_MS } from './retry-schedule.js';
import type { RawEvent } from './webhook-delivery.js';

export interface BbbSenderOptions {
  readonly secret: string;
  readonly domain: string;
  readonly behaviour: BbbBehaviour;
  /** Whether the secret is sent as a bearer token instead of a checksum. */
  readonly bearer: boolean;
  readonly hookChecksumAlgorithm: ChecksumAlgorithm;
  /** Real ms: the receiver does not compute faster because a clock does. */
  readonly answerTimeoutMs: number;
  /** Whether the answer to a post gets lost on its way. */
  readonly losesAnswer: (post: {
    readonly hook: BbbHook;
    readonly events: readonly RawEvent[];
    readonly attempt: number;
  }) => boolean;
}

/** The problem of a post whose answer got lost by {@link BbbSenderOptions.losesAnswer}. */
export const LOST_ANSWER = 'the answer was lost';

/** What the sender waits for, once its schedule has ended, before it tries a permanent hook again. */
const PERMANENT_RETRY_MS = 60_000;

interface Post {
  readonly hook: BbbHook;
  readonly events: readonly RawEvent[];
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Posts events to hooks and tries again, as the program on a BBB server does (docs/wire.md, "Retry and failure"). */
export class BbbSender {
  readonly #hooks: BbbHooks;
  readonly #ledger: BbbLedger;
  readonly #clock: BbbClock;
  readonly #options: BbbSenderOptions;
  /** Of the hooks whose deliveries go in order: what waits. There is none while nothing is under way. */
  readonly #queues = new Map<string, RawEvent[]>();
  /** What waits for its next try, and how to call that off. */
  readonly #waiting = new Map<Post, () => void>();
  #run = newRun();
  #posting = 0;

  constructor(hooks: BbbHooks, ledger: BbbLedger, clock: BbbClock, options: BbbSenderOptions) {
    this.#hooks = hooks;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#options = options;
  }

  /** Tells an event to all hooks that get it. `meetingId`: external. */
  tell(event: RawEvent, meetingId: string | null): void {
    const hooks = this.#hooks.servedFor(meetingId);
    const wanting = hooks.filter((hook) => wants(hook, event));
    this.#ledger.tell(event, this.#clock.now(), { wanted: wanting.length, filtered: hooks.length > wanting.length });
    for (const hook of wanting) {
      if (this.#options.behaviour.inOrder) this.#enqueue(hook, event);
      else this.#start(hook, [event]);
    }
  }

  /** Posts that wait for their answer now. */
  get posting(): number {
    return this.#posting;
  }

  /** Ends what is being tried, as the end of the program does. */
  stop(): void {
    this.#run.abort();
    this.#run = newRun();
    for (const [post, cancel] of this.#waiting) {
      cancel();
      this.#ledger.fail(post.events, 'restart');
    }
    this.#waiting.clear();
    for (const events of this.#queues.values()) this.#ledger.fail(events, 'restart');
    this.#queues.clear();
  }

  #enqueue(hook: BbbHook, event: RawEvent): void {
    const queue = this.#queues.get(hook.id);
    if (queue !== undefined) {
      queue.push(event);
      return;
    }
    this.#queues.set(hook.id, []);
    this.#start(hook, [event]);
  }

  #startNext(hook: BbbHook): void {
    const queue = this.#queues.get(hook.id);
    const events = queue?.splice(0, this.#options.behaviour.eventsPerPost) ?? [];
    if (events.length === 0) this.#queues.delete(hook.id);
    else this.#start(hook, events);
  }

  #start(hook: BbbHook, events: readonly RawEvent[]): void {
    const post = this.#postOf(hook, events);
    const { signal } = this.#run;
    void this.#try(post, 1, signal);
  }

  async #try(post: Post, attempt: number, signal: AbortSignal): Promise<void> {
    const { hook, events, url, body } = post;
    const { answerTimeoutMs, behaviour, losesAnswer } = this.#options;
    const at = this.#clock.now();
    this.#posting += 1;
    const answered = await postOnce(post, { answerTimeoutMs, signal, followRedirects: behaviour.followsRedirects });
    this.#posting -= 1;
    const outcome = losesAnswer({ hook, events, attempt }) ? { status: null, problem: LOST_ANSWER } : answered;
    this.#ledger.sent.push({ hook, events, url, body, attempt, at, ...outcome });
    if (outcome.status !== null && countsAsDelivered(outcome.status)) {
      this.#ledger.acknowledge(events, hook, this.#clock.now());
      if (behaviour.inOrder && !signal.aborted) this.#startNext(hook);
      return;
    }
    if (signal.aborted) return this.#ledger.fail(events, 'restart');
    const delay = SENDER_RETRY_DELAYS_MS[attempt - 1] ?? (hook.permanent ? PERMANENT_RETRY_MS : null);
    if (delay === null) return this.#giveUp(post);
    const cancel = this.#clock.after(delay, () => {
      this.#waiting.delete(post);
      void this.#try(post, attempt + 1, signal);
    });
    this.#waiting.set(post, cancel);
  }

  #giveUp({ hook, events }: Post): void {
    this.#hooks.giveUp(hook.id);
    this.#ledger.fail(events, 'given-up');
    this.#ledger.fail(this.#queues.get(hook.id) ?? [], 'given-up');
    this.#queues.delete(hook.id);
  }

  #postOf(hook: BbbHook, events: readonly RawEvent[]): Post {
    const { secret, bearer, hookChecksumAlgorithm: algorithm, behaviour } = this.#options;
    const told = hook.raw ? events.map((event) => rawMessageOf(event, this.#clock.now())) : events;
    const body = this.#bodyOf(told, behaviour.checksumCovers === 'parsed');
    if (bearer) return { hook, events, url: hook.callbackUrl, body, headers: { authorization: bearerHeader(secret) } };
    const url = signedCallbackUrl(hook.callbackUrl, body, secret, { algorithm, covers: behaviour.checksumCovers });
    return { hook, events, url, body, headers: {} };
  }

  /** 2.x puts the fields in another order, and its checksum goes by that order. */
  #bodyOf(told: readonly object[], isOld: boolean): string {
    const domain: [string, string] = ['domain', this.#options.domain];
    const event: [string, string] = ['event', JSON.stringify(told)];
    const timestamp: [string, string] = ['timestamp', String(this.#clock.now())];
    return new URLSearchParams(isOld ? [event, timestamp, domain] : [domain, event, timestamp]).toString();
  }
}

/** Every post that is under way listens to its end. */
function newRun(): AbortController {
  const run = new AbortController();
  setMaxListeners(0, run.signal);
  return run;
}

/** A filter knows events by their names; internal messages have none, so that none of them passes it. */
function wants(hook: BbbHook, event: RawEvent): boolean {
  if (hook.eventIds === null) return true;
  return !hook.raw && hook.eventIds.includes(event.data.id.toLowerCase());
}
