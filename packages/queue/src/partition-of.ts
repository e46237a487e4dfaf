const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
/** Up to here a UTF-16 unit is its own UTF-8 byte. */
const LAST_ASCII = 0x7f;

/** The queues of the partitions are named `activity-0`, `activity-1`, … */
export function partitionQueueName(partition: number): string {
  return `activity-${partition}`;
}

/**
 * The partition of a key: 32-bit FNV-1a over its UTF-8 bytes, modulo the number of partitions. Fixed for ever: another
 * function would send the events of one key to two partitions.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = OFFSET_BASIS;
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at);
    if (unit > LAST_ASCII) return hashOf(Buffer.from(key, 'utf8')) % partitions;
    hash = Math.imul(hash ^ unit, PRIME);
  }
  return (hash >>> 0) % partitions;
}

function hashOf(bytes: Buffer): number {
  let hash = OFFSET_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}
