import { Redis } from 'ioredis';
import { unavailable } from './errors.js';
import type { QueueLog } from './queue-log.js';

/** Within which Redis connects and answers a command, in ms. */
export const ANSWER_MS = 3_000;

/** The wait before try number `times` to connect again, in ms. */
export function reconnectMs(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 2_000);
}

/** A client whose commands fail at once while Redis is away, and in bounded time when it does not answer. */
export function failFastClient(url: string, answerMs: number, retryStrategy: (times: number) => number | null): Redis {
  return new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: ANSWER_MS,
    commandTimeout: answerMs,
    socketTimeout: answerMs + 2_000,
    retryStrategy,
  });
}

/** Watches clients that follow each other: one line when the connection goes and one when it is back. */
export function connectionWatch(connection: string, log: QueueLog): (client: Redis) => void {
  let down = false;
  return (client) => {
    client.on('error', (error: Error) => {
      if (!down) log.warn({ connection, reason: error.message }, 'the connection to Redis is lost; trying again');
      down = true;
    });
    client.on('ready', () => {
      if (down) log.info({ connection }, 'the connection to Redis is back');
      down = false;
    });
  };
}

/** Why it may lose what it acknowledged, a sentence each; none where it does not. @throws QueueUnavailableError */
export async function dangersOf(client: Redis): Promise<string[]> {
  const info = await client.info().catch((error: unknown) => Promise.reject(unavailable('Redis does not answer', error)));
  const fields = new Map(info.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
  const problems: string[] = [];
  if (fields.get('aof_enabled') !== '1') problems.push('it keeps no append-only file (set "appendonly yes")');
  const policy = fields.get('maxmemory_policy');
  if (policy !== 'noeviction') {
    problems.push(`it may evict keys: maxmemory-policy is ${policy ?? 'unknown'} (set "maxmemory-policy noeviction")`);
  }
  return problems;
}
