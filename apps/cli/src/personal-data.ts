import { ConfigError } from '@bbb-activity/config/config-error';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { readKey } from '@bbb-activity/config/secret-key';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { openStore, type Store } from '@bbb-activity/store/client';
import type { CommandContext } from './command-context.js';

/** The two places that hold personal data, and the keys to what they hold. */
export interface PersonalData {
  readonly backend: QueueBackend;
  readonly store: Store;
  /** Hashes the ids of what was erased. */
  readonly erasureKey: Buffer;
  /** Opens what ingress sealed. */
  readonly identityKey: Buffer;
  readonly accessUrlId: number;
}

/** Nobody, or no meeting, of this id. */
export class NotFoundError extends Error {
  readonly code = 'not_found';
}

const CONNECTIONS = 2;

/** Opens both, runs `work`, and closes them. @throws ConfigError where the environment holds no secret */
export async function withPersonalData(
  { environment, log }: CommandContext,
  options: { readonly accessUrl?: number },
  work: (data: PersonalData) => Promise<void>,
): Promise<void> {
  const settings = readSettings(environment, ['ACCESS_URL_ID', 'TENANTS_FILE'], ['DATABASE_URL']);
  if (settings.TENANTS_FILE !== undefined && options.accessUrl === undefined) {
    throw new ConfigError('--access-url is needed: TENANTS_FILE holds several, and the same id may be another person in each');
  }
  const erasureKey = readKey(environment, 'erasure');
  const identityKey = readKey(environment, 'event identity');
  if (erasureKey === null || identityKey === null) {
    throw new ConfigError('IDENTITY_KEY is missing (or BBB_SECRET, WEBHOOK_SALT or KERNEL_SECRET: whatever ingress has)');
  }
  const backend = await connectBackend(readQueueSettings(environment), log);
  const store = openStore({ databaseUrl: settings.DATABASE_URL, maxConnections: CONNECTIONS });
  try {
    await work({ backend, store, erasureKey, identityKey, accessUrlId: options.accessUrl ?? settings.ACCESS_URL_ID });
  } finally {
    await store.close();
    await backend.close();
  }
}
