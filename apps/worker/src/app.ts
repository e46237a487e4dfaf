import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { UnprocessableError } from '@bbb-activity/queue/errors';
import { partitionQueueName } from '@bbb-activity/queue/partition-of';
import { PartitionWorkers } from '@bbb-activity/queue/partition-workers';
import { applyBatch, type MeetingPolicy } from '@bbb-activity/store/apply-batch';
import type { Store } from '@bbb-activity/store/client';
import { isTransient } from '@bbb-activity/store/errors';
import type { Logger } from '@bbb-activity/telemetry/logger';

export interface WorkerOptions {
  readonly backend: QueueBackend;
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly partitions: number;
  readonly policy: MeetingPolicy;
  readonly batchMaxEvents: number;
  /** The database's budget over all workers (docs/architecture.md, "The database has a budget"). */
  readonly maxTransactionsPerSecond: number;
  readonly log: Logger;
}

/** The workers that apply queued events to the database, in order, a batch a transaction. Not started yet. */
export function buildWorker(options: WorkerOptions): PartitionWorkers<ConferenceEvent> {
  const { store, policy, log } = options;
  return new PartitionWorkers<ConferenceEvent>(options.backend, {
    partitions: options.partitions,
    batchMaxItems: options.batchMaxEvents,
    maxBatchesPerSecond: options.maxTransactionsPerSecond,
    deadLetters: options.deadLetters,
    log,
    describe: (event) => `${event.name} ${event.identity}`,
    handle: async (events, { partition, attempt }) => {
      const started = performance.now();
      try {
        const { sealed, ...outcome } = await applyBatch(store, events, { policy });
        await setSealedAside(sealed, partition, options);
        const ms = Math.round(performance.now() - started);
        log.info({ partition, attempt, ...outcome, sealed: sealed.length, ms }, 'batch');
      } catch (error) {
        if (isTransient(error)) throw error;
        throw new UnprocessableError('not_applicable', error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
  });
}

/**
 * Puts events of sealed occurrences aside, after the others of their batch are applied. A worker that dies before, or a queue that takes no
 * letter, makes the whole batch come again: the others are duplicates then, these are told again, and a letter that is there is not doubled.
 */
async function setSealedAside(events: readonly ConferenceEvent[], partition: number, options: WorkerOptions): Promise<void> {
  for (const event of events) {
    await options.deadLetters.add({
      reason: 'sealed',
      detail: 'the journal of its meeting was emptied after the time of retention, so that nothing can be counted any more',
      payload: event,
      source: partitionQueueName(partition),
    });
    options.log.warn({ partition, reason: 'sealed', item: `${event.name} ${event.identity}` }, 'put aside as a dead letter');
  }
}
