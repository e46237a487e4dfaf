import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import { PartitionCountError } from '@bbb-activity/queue/errors';
import { HighWaterMark } from '@bbb-activity/queue/high-water';
import { readPartitionCount } from '@bbb-activity/queue/partition-count';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import type { Logger } from '@bbb-activity/telemetry/logger';
import type { DeadLetterSink, EventSink } from './intake.js';
import type { QueuePressure } from './queue-pressure.js';

/** The queue as ingress uses it. */
export interface IngressQueue {
  readonly events: EventSink;
  readonly letters: DeadLetterSink;
  /**
   * Rejects while the queue is not there, and once it has another number of partitions: this process must then be started anew. May resolve with a word
   * that tells how it is, in the place of `ok`.
   */
  ready(): Promise<unknown>;
  pressure(): QueuePressure;
  /** Writes what is still gathered. */
  close(): Promise<void>;
}

export interface IngressQueueSettings {
  readonly PARTITIONS: number;
  readonly INGRESS_LINGER_MS: number;
  readonly SPOOL_DIR?: string | undefined;
}

/** With a spool, what the queue does not take in time is not lost to the sender, and may still be tried within the 5 s that it waits. */
const TIMEOUT_BEFORE_SPOOL_MS = 1_500;

/**
 * Opens the queue of a backend for ingress. The dead letters and the backend stay the caller's to close.
 *
 * @throws PartitionCountError where the queue was made with another number of partitions
 */
export async function openIngressQueue(
  settings: IngressQueueSettings,
  backend: QueueBackend,
  deadLetters: DeadLetterSink,
  log: Logger,
): Promise<IngressQueue> {
  const highWater = await HighWaterMark.watch(backend, { log });
  const publisher = await PartitionPublisher.open<ConferenceEvent>(backend, {
    partitions: settings.PARTITIONS,
    lingerMs: settings.INGRESS_LINGER_MS,
    highWater,
    ...(settings.SPOOL_DIR === undefined ? {} : { timeoutMs: TIMEOUT_BEFORE_SPOOL_MS }),
  });
  return {
    events: publisher,
    letters: deadLetters,
    async ready() {
      await backend.ping();
      const count = await readPartitionCount(backend);
      if (count !== null && count !== settings.PARTITIONS) throw new PartitionCountError(count, settings.PARTITIONS);
    },
    pressure: () => ({ waitingEvents: publisher.unanswered, highWater: highWater.reached, spool: null }),
    async close() {
      await Promise.all([publisher.close(), highWater.close()]);
    },
  };
}
