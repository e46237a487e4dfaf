import { readSettings } from '@bbb-activity/config/read-settings';
import { openStore, type Store } from '@bbb-activity/store/client';
import { checkDatabase } from '@bbb-activity/store/ready';
import type { CommandContext } from './command-context.js';

/** Opens the database of DATABASE_URL, runs `work`, and closes it. @throws DatabaseNotReadyError where it is away or not migrated */
export async function withStore({ environment }: CommandContext, work: (store: Store) => Promise<void>): Promise<void> {
  const { DATABASE_URL } = readSettings(environment, [], ['DATABASE_URL']);
  const store = openStore({ databaseUrl: DATABASE_URL, maxConnections: 1 });
  try {
    await checkDatabase(store);
    await work(store);
  } finally {
    await store.close();
  }
}
