import { openStore, type Store } from '@bbb-activity/store/client';
import { Prisma } from '@bbb-activity/store/generated/client';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import type { Statements } from '@bbb-activity/store/statements';
import { inTransaction } from '@bbb-activity/store/transaction';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { BreakableLink } from '../queue/breakable-link.js';
import { createStore, type StoreFixture } from './store-fixture.js';

const SILENT_MS = 500;

describe('what a process locked, once the network to it has failed without a word', () => {
  let fixture: StoreFixture;
  let link: BreakableLink;
  let lost: Store;
  let release = (): void => undefined;
  let released: Promise<void>;

  beforeAll(async () => {
    fixture = await createStore();
    await fixture.store.pool.query('CREATE TABLE locked (id int); INSERT INTO locked VALUES (1)');
  });
  afterAll(() => fixture.close());

  beforeEach(async () => {
    const through = await BreakableLink.to(fixture.database.url);
    link = through.link;
    lost = openStore({ databaseUrl: through.url, maxConnections: 2 });
    released = new Promise<void>((done) => {
      release = done;
    });
  });
  afterEach(async () => {
    release();
    await link.cut();
    await lost.close();
  });

  const lockRow = Prisma.sql`SELECT id FROM locked FOR UPDATE`;

  it('is free for others: PostgreSQL ends a transaction that says nothing more', async () => {
    let holds = false;
    const work = async (db: Statements) => {
      await db.query(lockRow);
      link.hold();
      holds = true;
      await released;
    };
    const abandoned = inTransaction(lost, work, { timeoutMs: SILENT_MS });
    const ended = abandoned.then(
      () => 'committed',
      () => 'failed',
    );
    await until('the row is locked', () => holds);
    const rows = await inTransaction(fixture.store, (db) => db.query(lockRow));
    expect(rows).toEqual([{ id: 1 }]);
    release();
    await link.cut();
    expect(await ended).toBe('failed');
  });

  it('is free for others: the lock of hooks goes with a process that says nothing more', async () => {
    let holds = false;
    const looking = new HookLedger(lost, { silentMs: SILENT_MS }).exclusively(7, 0, async () => {
      link.hold();
      holds = true;
      await released;
    });
    const ended = looking.then(
      () => 'done',
      () => 'failed',
    );
    await until('the lock is taken', () => holds);
    const others = new HookLedger(fixture.store);
    expect(await others.exclusively(7, 0, async () => 'done')).toBeNull();
    expect(await others.exclusively(7, 60_000, async () => 'done')).toEqual({ result: 'done' });
    release();
    await link.cut();
    await ended;
  });

  it('leaves a connection as it was for who comes next', async () => {
    await new HookLedger(lost, { silentMs: SILENT_MS }).exclusively(7, 0, async () => undefined);
    const { rows } = await lost.pool.query("SELECT current_setting('idle_session_timeout') AS told");
    expect(rows).toEqual([{ told: '0' }]);
  });
});
