import type { BbbHook } from './bbb-hooks.js';
import type { RawEvent } from './webhook-delivery.js';

/** One POST to a hook. Times are unix ms by the server's clock. */
export interface SentPost {
  readonly hook: BbbHook;
  readonly events: readonly RawEvent[];
  /** With its checksum, where it has one. */
  readonly url: string;
  readonly body: string;
  /** 1 is the first; retries send the same bytes. */
  readonly attempt: number;
  readonly at: number;
  /** As it was answered, after redirects; null: not at all, and `problem` says why. */
  readonly status: number | null;
  readonly problem: string | null;
}

/** An event that counts as delivered: some hook's receiver answered it 2xx or 401. */
export interface AcknowledgedEvent {
  readonly event: RawEvent;
  readonly hook: BbbHook;
  readonly at: number;
}

/**
 * An event that no hook's receiver acknowledged and that is sent no more: `no-hook`, there was none for it; `given-up`, the tries ended
 * or the hook was gone before its turn; `restart`, the program stopped while it was being tried.
 */
export interface LostEvent {
  readonly event: RawEvent;
  readonly reason: LossReason;
  /** When it was told, or should have been. */
  readonly at: number;
}
export type LossReason = 'no-hook' | 'given-up' | 'restart';

interface Told {
  readonly event: RawEvent;
  readonly at: number;
  pending: number;
  acknowledged: AcknowledgedEvent | null;
  failure: LossReason | null;
}

/** What a simulated BBB server told, what of it arrived, and what was lost. */
export class BbbLedger {
  readonly sent: SentPost[] = [];
  readonly #told = new Map<RawEvent, Told>();
  readonly #idle: (() => void)[] = [];
  #pending = 0;

  /** `wanted`: how many hooks it will be sent to; `filtered`: whether there was one that does not want it. */
  tell(event: RawEvent, at: number, { wanted, filtered }: { readonly wanted: number; readonly filtered: boolean }): void {
    const failure = wanted === 0 && !filtered ? 'no-hook' : null;
    this.#told.set(event, { event, at, pending: wanted, acknowledged: null, failure });
    this.#pending += wanted;
  }

  acknowledge(events: readonly RawEvent[], hook: BbbHook, at: number): void {
    this.#end(events, (told) => {
      told.acknowledged ??= { event: told.event, hook, at };
    });
  }

  fail(events: readonly RawEvent[], reason: LossReason): void {
    this.#end(events, (told) => {
      told.failure = reason;
    });
  }

  /** Whether this very object was told. */
  knows(event: RawEvent): boolean {
    return this.#told.has(event);
  }

  told(): readonly RawEvent[] {
    return [...this.#told.keys()];
  }

  acknowledged(): readonly AcknowledgedEvent[] {
    return [...this.#told.values()].flatMap(({ acknowledged }) => acknowledged ?? []);
  }

  lost(): readonly LostEvent[] {
    return [...this.#told.values()].flatMap(({ event, at, pending, acknowledged, failure }) =>
      failure === null || pending > 0 || acknowledged !== null ? [] : { event, reason: failure, at },
    );
  }

  /** Deliveries that are still being tried. */
  get pending(): number {
    return this.#pending;
  }

  /** When nothing is being tried any more. */
  async settled(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((idle) => this.#idle.push(idle));
  }

  #end(events: readonly RawEvent[], change: (told: Told) => void): void {
    for (const event of events) {
      const told = this.#told.get(event);
      if (told === undefined) continue;
      change(told);
      told.pending -= 1;
      this.#pending -= 1;
    }
    if (this.#pending > 0) return;
    for (const idle of this.#idle.splice(0)) idle();
  }
}
