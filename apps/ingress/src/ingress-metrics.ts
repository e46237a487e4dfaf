import { type ConferenceEvent, EVENT_KINDS, type EventKind } from '@bbb-activity/events/conference-event';
import { BoundedNames } from '@bbb-activity/telemetry/bounded-names';
import { type Counter, DURATION_BUCKETS, type Histogram, type Metrics } from '@bbb-activity/telemetry/metrics';
import type { AnsweredDelivery, DeliveryMeter, LeftOutEvents } from './delivery-meter.js';
import type { QueuePressure } from './queue-pressure.js';

/** BBB has some sixty names; more than this many unknown ones are no new version's. */
const MOST_UNKNOWN_NAMES = 50;
const DELIVERY_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** What Prometheus is told of ingress (docs/monitoring.md, "Ingress"). */
export class IngressMetrics implements DeliveryMeter {
  readonly #kinds = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 0])) as Record<EventKind, number>;
  readonly #unknown = new BoundedNames(MOST_UNKNOWN_NAMES);
  readonly #deliveries: Counter<'endpoint' | 'outcome' | 'access_url'>;
  readonly #seconds: Histogram<'endpoint'>;
  readonly #sizes: Histogram;
  readonly #leftOut: Counter<'why'>;
  readonly #unknownNames: Counter<'name'>;

  constructor(metrics: Metrics) {
    this.#deliveries = metrics.counter({
      name: 'bbb_activity_deliveries_total',
      help: 'Requests that were answered, by outcome; access_url is empty where no signature has proven one',
      labels: ['endpoint', 'outcome', 'access_url'],
    });
    this.#seconds = metrics.histogram(
      { name: 'bbb_activity_delivery_seconds', help: 'How long an answer took, from the first byte', labels: ['endpoint'] },
      DURATION_BUCKETS,
    );
    this.#sizes = metrics.histogram(
      { name: 'bbb_activity_delivery_events', help: 'Events of a delivery that were taken in' },
      DELIVERY_SIZES,
    );
    metrics.tallied(
      { name: 'bbb_activity_received_events_total', help: 'Events taken into the queue, or its spool, by kind' },
      'kind',
      () => Object.entries(this.#kinds),
    );
    this.#leftOut = metrics.counter({
      name: 'bbb_activity_left_out_events_total',
      help: 'Events that were not taken in: by the filter, for an unknown name, or malformed (those are dead letters)',
      labels: ['why'],
    });
    for (const why of ['filtered', 'unknown', 'malformed']) this.#leftOut.inc({ why }, 0);
    this.#unknownNames = metrics.counter({
      name: 'bbb_activity_unknown_names_total',
      help: `Events with an unknown name, by the first ${MOST_UNKNOWN_NAMES} such names; further ones are "other"`,
      labels: ['name'],
    });
  }

  took(events: readonly ConferenceEvent[], { filtered, unknown, malformed, unknownNames }: LeftOutEvents): void {
    for (const { kind } of events) this.#kinds[kind] += 1;
    this.#sizes.observe(events.length);
    if (filtered > 0) this.#leftOut.inc({ why: 'filtered' }, filtered);
    if (malformed > 0) this.#leftOut.inc({ why: 'malformed' }, malformed);
    if (unknown === 0) return;
    this.#leftOut.inc({ why: 'unknown' }, unknown);
    for (const [name, count] of Object.entries(unknownNames)) this.#unknownNames.inc({ name: this.#unknown.of(name) }, count);
  }

  answered({ endpoint, outcome, accessUrl, seconds }: AnsweredDelivery): void {
    this.#deliveries.inc({ endpoint, outcome, access_url: accessUrl ?? '' });
    this.#seconds.observe({ endpoint }, seconds);
  }
}

/** Tells what keeps events from the queue, as it is when Prometheus asks. */
export function meterPressure(metrics: Metrics, pressure: () => QueuePressure): void {
  const waiting = metrics.gauge({
    name: 'bbb_activity_unanswered_events',
    help: 'Events of requests that wait for the queue to take them',
  });
  const highWater = metrics.gauge({
    name: 'bbb_activity_queue_high_water',
    help: "1 while the queue's memory is nearly full and events are refused",
  });
  const bytes = metrics.gauge({ name: 'bbb_activity_spool_bytes', help: 'Size of the spool; 0 without one' });
  const limit = metrics.gauge({ name: 'bbb_activity_spool_limit_bytes', help: 'SPOOL_MAX_BYTES; 0 without a spool' });
  const files = metrics.gauge({ name: 'bbb_activity_spool_files', help: 'Files of the spool that wait to be handed over' });
  const backlog = metrics.gauge({
    name: 'bbb_activity_spool_waiting_bytes',
    help: 'Bytes of the spool that wait to be handed over',
  });
  const oldest = metrics.gauge({
    name: 'bbb_activity_spool_oldest_seconds',
    help: 'Since when the oldest file of the spool waits; 0 where nothing does',
  });
  const inUse = metrics.gauge({ name: 'bbb_activity_spool_in_use', help: "1 while the spool takes the queue's place" });
  const full = metrics.gauge({ name: 'bbb_activity_spool_full', help: '1 while the spool takes nothing more' });
  metrics.source(async () => {
    const { waitingEvents, highWater: reached, spool } = pressure();
    waiting.set(waitingEvents);
    highWater.set(reached ? 1 : 0);
    bytes.set(spool?.bytes ?? 0);
    limit.set(spool?.maxBytes ?? 0);
    files.set(spool?.waiting.files ?? 0);
    backlog.set(spool?.waiting.bytes ?? 0);
    const since = spool?.waiting.oldestAt ?? null;
    oldest.set(since === null ? 0 : Math.max(0, Date.now() - since) / 1_000);
    inUse.set(spool?.inUse === true ? 1 : 0);
    full.set(spool?.full === true ? 1 : 0);
  });
}
