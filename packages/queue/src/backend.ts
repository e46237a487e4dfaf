import { connectPostgresBackend } from './postgres-backend.js';
import type { BackendOptions, QueueBackend } from './queue-backend.js';
import { type QueueLog, silentLog } from './queue-log.js';
import { connectRedisBackend } from './redis-backend.js';

export type { BackendOptions, QueueBackend } from './queue-backend.js';
export type { QueueLog } from './queue-log.js';

/**
 * Connects to the store of the queues. On PostgreSQL it runs BullMQ's migrations, once, also when several processes start
 * together.
 *
 * @throws {UnsafeRedisError} if Redis has no append-only file or may evict keys, unless `allowUnsafe`.
 * @throws {QueueUnavailableError} if the store does not answer.
 */
export async function connectBackend(options: BackendOptions, log: QueueLog = silentLog): Promise<QueueBackend> {
  return options.kind === 'redis' ? connectRedisBackend(options, log) : connectPostgresBackend(options, log);
}
