import { setTimeout as delay } from 'node:timers/promises';
import { PartitionCountError, PartitionsNotDrainedError, QueueUnavailableError, unavailable } from './errors.js';
import { partitionQueueName } from './partition-of.js';
import type { QueueBackend } from './queue-backend.js';

/** What the store knows of its partitions, kept as JSON beside the queues. */
export interface PartitionRecord {
  readonly count: number;
  /** The number it is being changed to: publishers wait, workers empty the partitions. */
  readonly drainingTo?: number;
}

/** How far a change of the number of partitions is. */
export interface DrainProgress {
  /** Jobs still in the partitions, of whatever state. */
  readonly remaining: number;
}

export interface ChangeOptions {
  readonly drained?: (progress: DrainProgress) => void;
  /**
   * How long publishers may be held off, in ms; then the change is given up. Default 120,000: a BBB server deletes a hook
   * whose deliveries fail for about 5 minutes (docs/wire.md, "What BigBlueButton itself signs").
   */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 120_000;
const POLL_MS = 100;
export const MOST_PARTITIONS = 256;

/** The number of partitions the queue was made with; null where nothing was started on it yet. @throws {QueueUnavailableError} */
export async function readPartitionCount(backend: QueueBackend): Promise<number | null> {
  return parseRecord(await read(backend))?.count ?? null;
}

/**
 * Makes `count` the queue's number of partitions where it has none yet, once, whoever starts first.
 *
 * @throws {PartitionCountError} where it was made with another number.
 * @throws {QueueUnavailableError}
 */
export async function claimPartitionCount(backend: QueueBackend, count: number): Promise<void> {
  const record = formatRecord({ count: validCount(count) });
  const created = await backend.createPartitionRecord(record).catch((error: unknown) => {
    throw unavailable('the number of partitions cannot be written', error);
  });
  if (created) return;
  const stored = parseRecord(await read(backend));
  if (stored !== null && stored.count !== count) throw new PartitionCountError(stored.count, count);
}

/**
 * Changes the number of partitions so that no job is stranded and no key is in two partitions at a time:
 *
 * 1. The record says `drainingTo`. Every write of jobs holds only while the record is what its publisher knows (the
 *    script looks on Redis, a row lock holds on PostgreSQL), so from here on nothing is added; publishers reject with QueueUnavailableError.
 * 2. The running workers empty the partitions. A job handed back or stalled is still counted.
 * 3. When none is left in any state, the record says the new number. Publishers and workers of the old number must be
 *    started again: publishers go on rejecting until they are.
 *
 * Killed half way, it leaves the record draining: run again with the same number it goes on, with the old number it ends the
 * draining. docs/decisions/queue-partitions.md.
 *
 * @throws {PartitionsNotDrainedError} when jobs are left after `patienceMs`; the old number then holds and publishers go on.
 * @throws {QueueUnavailableError} when the store does not answer, or another change is under way.
 */
export async function changePartitionCount(backend: QueueBackend, count: number, options: ChangeOptions = {}): Promise<void> {
  validCount(count);
  const found = await read(backend);
  const from = parseRecord(found);
  if (found === null || from === null) return claimPartitionCount(backend, count);
  const settled = formatRecord({ count: from.count });
  if (from.count === count) {
    if (found !== settled) await replace(backend, found, settled);
    return;
  }
  const draining = formatRecord({ count: from.count, drainingTo: count });
  if (found !== draining) {
    if (from.drainingTo !== undefined) throw new QueueUnavailableError(`a change to ${from.drainingTo} partitions is under way`);
    await replace(backend, found, draining);
  }
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const remaining = await jobsInPartitions(backend, from.count);
    options.drained?.({ remaining });
    if (remaining === 0) break;
    if (Date.now() > deadline) {
      await replace(backend, draining, settled);
      throw new PartitionsNotDrainedError(remaining, patienceMs);
    }
    await delay(POLL_MS);
  }
  await replace(backend, draining, formatRecord({ count }));
}

export function formatRecord(record: PartitionRecord): string {
  return JSON.stringify(record);
}

export function parseRecord(text: string | null): PartitionRecord | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('count' in value) || typeof value.count !== 'number') {
    throw new Error(`the partition record cannot be read: ${text}`);
  }
  const drainingTo = 'drainingTo' in value && typeof value.drainingTo === 'number' ? { drainingTo: value.drainingTo } : {};
  return { count: value.count, ...drainingTo };
}

async function jobsInPartitions(backend: QueueBackend, partitions: number): Promise<number> {
  const all = Array.from({ length: partitions }, (_, partition) => partitionQueueName(partition));
  const counts = await Promise.all(all.map((name) => backend.jobsLeft(name))).catch((error: unknown) => {
    throw unavailable('the jobs of the partitions cannot be counted', error);
  });
  return counts.reduce((sum, jobs) => sum + jobs, 0);
}

async function replace(backend: QueueBackend, from: string, to: string): Promise<void> {
  const replaced = await backend.replacePartitionRecord(from, to).catch((error: unknown) => {
    throw unavailable('the number of partitions cannot be written', error);
  });
  if (!replaced) throw new QueueUnavailableError('the number of partitions is being changed by someone else');
}

function read(backend: QueueBackend): Promise<string | null> {
  return backend.readPartitionRecord().catch((error: unknown) => {
    throw unavailable('the number of partitions cannot be read', error);
  });
}

function validCount(count: number): number {
  if (!Number.isInteger(count) || count < 1 || count > MOST_PARTITIONS) {
    throw new RangeError(`the number of partitions is a whole number from 1 to ${MOST_PARTITIONS}, not ${count}`);
  }
  return count;
}
