/** The queues of the partitions are named `activity-0`, `activity-1`, … */
export function partitionQueueName(partition: number): string {
  return `activity-${partition}`;
}

/**
 * The partition of a key: 32-bit FNV-1a over its UTF-8 bytes, modulo the number of partitions. Fixed for ever: another
 * function would send the events of one key to two partitions.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key, 'utf8')) {
    hash ^= byte;
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
