import { ConfigError } from './config-error.js';
import { readSettings } from './read-settings.js';
import type { Environment } from './variables.js';

/** Where the queue is; the shape that `connectBackend` of packages/queue takes. */
export type QueueSettings =
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string; readonly allowUnsafe: boolean }
  | { readonly kind: 'postgres'; readonly url: string; readonly prefix: string };

/**
 * The queue is in Redis where REDIS_URL is set, else in the database.
 *
 * @throws ConfigError if neither is set
 */
export function readQueueSettings(environment: Environment): QueueSettings {
  const settings = readSettings(environment, ['REDIS_URL', 'REDIS_ALLOW_UNSAFE', 'DATABASE_URL', 'QUEUE_PREFIX']);
  const prefix = settings.QUEUE_PREFIX;
  if (settings.REDIS_URL !== undefined)
    return { kind: 'redis', url: settings.REDIS_URL, prefix, allowUnsafe: settings.REDIS_ALLOW_UNSAFE };
  if (settings.DATABASE_URL !== undefined) return { kind: 'postgres', url: settings.DATABASE_URL, prefix };
  throw new ConfigError('REDIS_URL is missing (or DATABASE_URL, to keep the queue in PostgreSQL)');
}
