import { connectBackend } from '@bbb-activity/queue/backend';
import { openStore } from '@bbb-activity/store/client';
import { Prisma } from '@bbb-activity/store/generated/client';
import { migrate } from '@bbb-activity/store/migrate';
import { inTransaction } from '@bbb-activity/store/transaction';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FarewellProxy } from '../../support/farewell-proxy.js';
import { createStore, type StoreFixture } from './store-fixture.js';

// An error that nobody listens for ends a process; here it fails the run.
describe('a connection that PostgreSQL ends in the moment in which it is made', () => {
  let fixture: StoreFixture;
  let proxy: FarewellProxy;
  let url: string;

  beforeAll(async () => {
    fixture = await createStore();
    ({ proxy, url } = await FarewellProxy.before(fixture.database.url));
  });
  afterAll(async () => {
    await proxy.close();
    await fixture.close();
  });

  it('fails what wanted to use it, and nothing else', async () => {
    const store = openStore({ databaseUrl: url, maxConnections: 2 });
    try {
      await expect(inTransaction(store, (db) => db.query(Prisma.sql`SELECT 1`))).rejects.toThrow(/terminat|not queryable/);
      await expect(store.ping()).rejects.toThrow();
      await expect(store.prisma.conferenceMeeting.count()).rejects.toThrow();
    } finally {
      await store.close();
    }
    expect(proxy.farewells).toBeGreaterThanOrEqual(3);
  });

  it('fails what wanted to migrate, and nothing else', async () => {
    await expect(migrate(url)).rejects.toThrow('could not be migrated');
  });

  it('fails what wanted to use the queue, and nothing else', async () => {
    const queue = { kind: 'postgres', prefix: 'farewell' } as const;
    await expect(connectBackend({ ...queue, url })).rejects.toThrow('cannot be opened');
    proxy.strikes = false;
    const backend = await connectBackend({ ...queue, url });
    proxy.strikes = true;
    try {
      await expect(backend.queue('activity-0').waitUntilReady()).rejects.toThrow(/terminat|not queryable/);
    } finally {
      await backend.close();
    }
  });
});
