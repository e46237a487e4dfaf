import { unavailable } from './errors.js';
import { partitionQueueName } from './partition-of.js';
import type { QueueBackend, QueueDepth } from './queue-backend.js';

export interface PartitionDepth extends QueueDepth {
  readonly partition: number;
}

/**
 * How many jobs each partition has, and since when its oldest is there. A job holds one or more items. Costs the same at
 * any backlog on Redis; PostgreSQL counts the waiting jobs.
 *
 * @throws {QueueUnavailableError}
 */
export async function readPartitionDepths(backend: QueueBackend, partitions: number): Promise<PartitionDepth[]> {
  const depths = Array.from({ length: partitions }, async (_, partition) => ({
    partition,
    ...(await backend.depth(partitionQueueName(partition))),
  }));
  return Promise.all(depths).catch((error: unknown) => {
    throw unavailable('the depth of the partitions cannot be read', error);
  });
}
