import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { passesFilter } from '@bbb-activity/events/event-filter';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import type { Delivery } from '@bbb-activity/events/read-delivery';
import { seal } from '@bbb-activity/events/sealed-evidence';
import type { JobOrigin } from '@bbb-activity/queue/job-origin';
import type { DeliveryMeter } from './delivery-meter.js';
import type { Tenant } from './tenant.js';

/** Where events become durable: the partition queues. Rejects when they are not there. */
export interface EventSink {
  /** Throws where {@link publish} would reject at once. */
  requireRoom(): void;
  publish(items: readonly { readonly key: string; readonly item: ConferenceEvent }[], from?: readonly JobOrigin[]): Promise<void>;
}

export interface IngressLetter {
  readonly reason: string;
  readonly detail: string;
  readonly payload: unknown;
  readonly source: string;
}

/** Where goes what can never be read. Rejects when it is not there. */
export interface DeadLetterSink {
  addAll(letters: readonly IngressLetter[]): Promise<void>;
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
  /** What the sender should know; null where all is well. */
  readonly note: 'no_payload' | 'too_many_events' | 'partly_malformed' | null;
}

/** Takes a verified delivery in: when it resolves, everything of it is durable (docs/architecture.md, "Acknowledged means durable"). */
export class Intake {
  readonly #sink: EventSink;
  readonly #deadLetters: DeadLetterSink;
  readonly #identityKey: Buffer;
  readonly #meter: Pick<DeliveryMeter, 'took'> | null;

  constructor(
    sink: EventSink,
    deadLetters: DeadLetterSink,
    identityKey: Buffer,
    meter: Pick<DeliveryMeter, 'took'> | null = null,
  ) {
    this.#sink = sink;
    this.#deadLetters = deadLetters;
    this.#identityKey = identityKey;
    this.#meter = meter;
  }

  /** @throws QueueUnavailableError where the queue, or what waits for it, is nearly full */
  requireRoom(): void {
    this.#sink.requireRoom();
  }

  /**
   * Queues the events that pass the tenant's filter, then keeps the malformed ones as dead letters: in this order, so that a retry
   * after a failure in between doubles no letter (events that come again change nothing).
   */
  async take(delivery: Delivery, tenant: Tenant, from: readonly JobOrigin[] = []): Promise<IntakeOutcome> {
    const passing = delivery.events.filter((event) => passesFilter(tenant.eventFilter, event));
    if (passing.length > 0)
      await this.#sink.publish(
        passing.map((item) => ({ key: partitionKeyOf(item), item })),
        from,
      );
    const letters = delivery.malformed.map(({ reason, sealed, size }) =>
      letter(reason, `a part of a delivery, ${size} bytes`, sealed, tenant),
    );
    if (letters.length > 0) await this.#deadLetters.addAll(letters);
    const outcome: IntakeOutcome = {
      events: passing.length,
      filtered: delivery.events.length - passing.length,
      unknown: delivery.unknownNames.length,
      unknownNames: countByName(delivery.unknownNames),
      malformed: delivery.malformed.length,
      note: noteOf(delivery),
    };
    this.#meter?.took(passing, outcome);
    return outcome;
  }

  /**
   * Keeps a whole body that could not be read, sealed: nothing is lost, and no private word stands readable in the queue. A letter tells
   * nothing of the request, so that a retried delivery leaves the same letter, once.
   */
  async keepUnreadable(reason: string, body: Buffer, size: number, tenant: Tenant): Promise<void> {
    const sealed = seal(body, this.#identityKey);
    await this.#deadLetters.addAll([letter(reason, `the body of a delivery, ${size} bytes`, sealed, tenant)]);
  }
}

function noteOf({ empty, excess, malformed }: Delivery): IntakeOutcome['note'] {
  if (empty) return 'no_payload';
  if (excess > 0) return 'too_many_events';
  return malformed.length > 0 ? 'partly_malformed' : null;
}

function letter(reason: string, detail: string, sealed: string, { accessUrlId }: Tenant): IngressLetter {
  return { reason, detail, payload: { accessUrlId, sealed }, source: 'ingress' };
}

function countByName(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
