import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { BatchOutcome as CallOutcome } from '@bbb-activity/queue/batch-context';
import type { BatchOutcome } from '@bbb-activity/store/apply-batch';
import { type Counter, DURATION_BUCKETS, type Histogram, type Metrics } from '@bbb-activity/telemetry/metrics';
import type { TalliedHistogram } from '@bbb-activity/telemetry/tallied-histogram';
import type { BatchMeter } from './batch-meter.js';

const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/** In seconds: from what an event needs at rest, over a sender's five minutes of retries, to a day of a queue that nobody served. */
const LATENESS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

/** What Prometheus is told of one worker process (docs/monitoring.md, "Workers"). */
export class WorkerMetrics implements BatchMeter {
  readonly #events: Counter<'result'>;
  readonly #refolds: Counter;
  readonly #rows: Counter;
  readonly #statements: Counter;
  readonly #transactions: Counter;
  readonly #batches: Counter<'result'>;
  readonly #sizes: Histogram;
  readonly #seconds: Histogram;
  readonly #lateness: TalliedHistogram;

  /** @param budget transactions a second over all workers */
  constructor(metrics: Metrics, budget: number) {
    this.#events = metrics.counter({
      name: 'bbb_activity_applied_events_total',
      help: 'Events of committed batches: fresh, or known to the journal already, or of sealed or erased meetings',
      labels: ['result'],
    });
    this.#refolds = metrics.counter({
      name: 'bbb_activity_refolds_total',
      help: 'Participants who were folded again from the first event of their journal',
    });
    this.#rows = metrics.counter({ name: 'bbb_activity_written_rows_total', help: 'Rows of conference_activity written' });
    this.#statements = metrics.counter({
      name: 'bbb_activity_statements_total',
      help: 'SQL statements of committed batches, without begin and commit',
    });
    this.#transactions = metrics.counter({
      name: 'bbb_activity_transactions_total',
      help: 'Transactions that applied events, those that were rolled back too',
    });
    metrics
      .gauge({
        name: 'bbb_activity_transactions_budget_per_second',
        help: 'DB_MAX_TRANSACTIONS_PER_SECOND: the budget over all workers',
      })
      .set(budget);
    this.#batches = metrics.counter({
      name: 'bbb_activity_batches_total',
      help: 'Batches that were tried: applied, to be tried again, split in search of a poison event, or put aside',
      labels: ['result'],
    });
    for (const result of ['applied', 'retry', 'split', 'dead-letter']) this.#batches.inc({ result }, 0);
    for (const result of ['fresh', 'duplicate', 'sealed', 'erased']) this.#events.inc({ result }, 0);
    this.#sizes = metrics.histogram({ name: 'bbb_activity_batch_events', help: 'Events of a batch' }, BATCH_SIZES);
    this.#seconds = metrics.histogram(
      { name: 'bbb_activity_batch_seconds', help: 'How long a try of a batch took' },
      DURATION_BUCKETS,
    );
    this.#lateness = metrics.talliedHistogram(
      {
        name: 'bbb_activity_event_lateness_seconds',
        help: "From an event's own time to the commit of its batch; duplicates too",
      },
      LATENESS,
    );
  }

  applied(
    events: readonly ConferenceEvent[],
    { fresh, duplicates, sealed, erased, refolded, rows, statements }: BatchOutcome,
  ): void {
    this.#events.inc({ result: 'fresh' }, fresh);
    this.#events.inc({ result: 'duplicate' }, duplicates);
    this.#events.inc({ result: 'sealed' }, sealed.length);
    this.#events.inc({ result: 'erased' }, erased);
    this.#refolds.inc(refolded);
    this.#rows.inc(rows);
    this.#statements.inc(statements);
    const now = Date.now();
    // A sender's clock may be ahead: what has not happened yet is not late.
    for (const { at } of events) this.#lateness.observe(Math.max(0, now - at) / 1_000);
  }

  transacted(transactions: number): void {
    this.#transactions.inc(transactions);
  }

  called({ result, items, durationMs }: CallOutcome): void {
    this.#batches.inc({ result });
    this.#sizes.observe(items);
    this.#seconds.observe(durationMs / 1_000);
  }
}
