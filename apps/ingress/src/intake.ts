import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { passesFilter } from '@bbb-activity/events/event-filter';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import type { Delivery } from '@bbb-activity/events/read-delivery';
import { seal } from '@bbb-activity/events/sealed-evidence';
import type { Tenant } from './tenant.js';

/** Where events become durable: the partition queues. Rejects when they are not there. */
export interface EventSink {
  publish(items: readonly { readonly key: string; readonly item: ConferenceEvent }[]): Promise<void>;
}

/** Where goes what can never be read. Rejects when it is not there. */
export interface DeadLetterSink {
  add(letter: {
    readonly reason: string;
    readonly detail: string;
    readonly payload: unknown;
    readonly source: string;
  }): Promise<void>;
}

/** What became of one delivery, for its answer and its log line. */
export interface IntakeOutcome {
  /** Events now durable in the queue. */
  readonly events: number;
  readonly filtered: number;
  readonly unknown: number;
  /** How often each unknown name came; fit to be logged. */
  readonly unknownNames: Readonly<Record<string, number>>;
  readonly malformed: number;
}

/** Takes a verified delivery in: when it resolves, everything of it is durable (docs/architecture.md, "Acknowledged means durable"). */
export class Intake {
  readonly #sink: EventSink;
  readonly #deadLetters: DeadLetterSink;
  readonly #identityKey: Buffer;

  constructor(sink: EventSink, deadLetters: DeadLetterSink, identityKey: Buffer) {
    this.#sink = sink;
    this.#deadLetters = deadLetters;
    this.#identityKey = identityKey;
  }

  /**
   * Queues the events that pass the tenant's filter, then keeps the malformed ones as dead letters: in this order, so that a retry
   * after a failure in between doubles no letter (events that come again change nothing).
   */
  async take(delivery: Delivery, tenant: Tenant): Promise<IntakeOutcome> {
    const passing = delivery.events.filter((event) => passesFilter(tenant.eventFilter, event));
    if (passing.length > 0) await this.#sink.publish(passing.map((item) => ({ key: partitionKeyOf(item), item })));
    for (const { reason, sealed, size } of delivery.malformed) {
      await this.#deadLetters.add({
        reason,
        detail: `a part of a delivery, ${size} bytes`,
        payload: { accessUrlId: tenant.accessUrlId, sealed },
        source: 'ingress',
      });
    }
    return {
      events: passing.length,
      filtered: delivery.events.length - passing.length,
      unknown: delivery.unknownNames.length,
      unknownNames: countByName(delivery.unknownNames),
      malformed: delivery.malformed.length,
    };
  }

  /**
   * Keeps a whole body that could not be read, sealed: nothing is lost, and no private word stands readable in the queue. A letter tells
   * nothing of the request, so that a retried delivery leaves the same letter, once.
   */
  async keepUnreadable(reason: string, body: Buffer, size: number, tenant: Tenant): Promise<void> {
    await this.#deadLetters.add({
      reason,
      detail: `the body of a delivery, ${size} bytes`,
      payload: { accessUrlId: tenant.accessUrlId, sealed: seal(body, this.#identityKey) },
      source: 'ingress',
    });
  }
}

function countByName(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
