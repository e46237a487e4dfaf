import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { UnprocessableError } from '@bbb-activity/queue/errors';
import { partitionQueueName } from '@bbb-activity/queue/partition-of';
import { PartitionWorkers } from '@bbb-activity/queue/partition-workers';
import { applyBatch, type MeetingPolicy } from '@bbb-activity/store/apply-batch';
import { BatchMemory } from '@bbb-activity/store/batch-memory';
import type { Store } from '@bbb-activity/store/client';
import { blameOf, describeFailure } from '@bbb-activity/store/errors';
import type { TransactionMeter } from '@bbb-activity/store/transaction';
import { withoutErased } from '@bbb-activity/store/without-erased';
import type { Logger } from '@bbb-activity/telemetry/logger';
import type { Tracing } from '@bbb-activity/telemetry/tracing';
import type { BatchMeter } from './batch-meter.js';
import { traceBatch } from './batch-trace.js';

/** Why an event of a sealed occurrence is put aside, for who looks at the dead letter. */
const SEALED = 'the journal of its meeting was emptied after the time of retention, so that nothing can be counted any more';

/** After so many tries, some 20 s, an error of this program is taken to come from the events: it must not hold their partition for ever. */
const MAX_PROGRAM_FAILURES = 8;

export interface WorkerOptions {
  readonly backend: QueueBackend;
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly partitions: number;
  /** How many partitions this process holds at a time. */
  readonly concurrentPartitions: number;
  readonly policy: MeetingPolicy;
  /** Recognises what was erased; null is enough while nothing was. */
  readonly erasureKey: Buffer | null;
  readonly batchMaxEvents: number;
  /** The database's budget over all workers (docs/architecture.md, "The database has a budget"). */
  readonly maxTransactionsPerSecond: number;
  readonly log: Logger;
  /** Null, the default, where nobody asks. */
  readonly meter?: BatchMeter | null;
  /** The same. */
  readonly tracing?: Tracing | null;
}

/** The workers that apply queued events to the database, in order, a batch a transaction. Not started yet. */
export function buildWorker(options: WorkerOptions): PartitionWorkers<ConferenceEvent> {
  const { store, policy, erasureKey, log, meter: counts = null, tracing = null } = options;
  const memory = BatchMemory.over(store);
  return new PartitionWorkers<ConferenceEvent>(options.backend, {
    partitions: options.partitions,
    concurrentPartitions: options.concurrentPartitions,
    batchMaxItems: options.batchMaxEvents,
    maxBatchesPerSecond: options.maxTransactionsPerSecond,
    deadLetters: options.deadLetters,
    log,
    onBatch: (outcome) => counts?.called(outcome),
    describe: (event) => `${event.name} ${event.identity}`,
    setAside: (event, put) =>
      keepWithoutErased([event], options, async ([kept]) => {
        if (kept !== undefined) await put(kept);
      }),
    handle: async (events, { partition, attempt, tenure, again, from, signal }) => {
      const started = performance.now();
      const meter: TransactionMeter = { begun: 0 };
      const span = tracing === null ? null : traceBatch(tracing, { partition, attempt, events: events.length }, from);
      try {
        const applied = await applyBatch(store, events, {
          policy,
          erasureKey,
          memory,
          tenure,
          meter,
          beforeAgain: again,
          signal,
        });
        counts?.applied(events, applied);
        const { sealed, ...outcome } = applied;
        const ms = Math.round(performance.now() - started);
        const transactions = meter.begun;
        const told = { partition, attempt, ...outcome, sealed: sealed.length, transactions, ms };
        log.info({ ...told, requests: from.map(({ request }) => request), ...span?.told }, 'batch');
        span?.applied(applied, transactions);
        if (sealed.length > 0) {
          await again();
          await setSealedAside(sealed, partition, options);
        }
      } catch (error) {
        const blame = blameOf(error);
        span?.failed(blame);
        if (blame === 'database' || (blame === 'program' && attempt < MAX_PROGRAM_FAILURES)) throw error;
        // Told without the values of the events: a dead letter's detail is shown in lists and logged.
        throw new UnprocessableError('not_applicable', describeFailure(error));
      } finally {
        counts?.transacted(meter.begun);
        span?.end();
      }
    },
  });
}

/**
 * Puts events of sealed occurrences aside, after the others of their batch are applied. A worker that dies before, or a queue that takes no
 * letter, makes the whole batch come again: the others are duplicates then, these are told again, and a letter that is there is not doubled.
 */
async function setSealedAside(events: readonly ConferenceEvent[], partition: number, options: WorkerOptions): Promise<void> {
  const keep = async (kept: readonly ConferenceEvent[]) => {
    const source = partitionQueueName(partition);
    await options.deadLetters.addAll(kept.map((payload) => ({ reason: 'sealed', detail: SEALED, payload, source })));
    for (const { name, identity } of kept) {
      options.log.warn({ partition, reason: 'sealed', item: `${name} ${identity}` }, 'put aside as a dead letter');
    }
  };
  await keepWithoutErased(events, options, keep);
}

/** Keeps events as the journal would: an erasure that comes meanwhile waits, and then finds what was kept. */
async function keepWithoutErased(
  events: readonly ConferenceEvent[],
  { store, erasureKey }: WorkerOptions,
  put: (kept: readonly ConferenceEvent[]) => Promise<void>,
): Promise<void> {
  await withoutErased(store, events, erasureKey, async (_db, kept) => put(kept));
}
