import { applyBatch } from '@bbb-activity/store/apply-batch';
import { openStore } from '@bbb-activity/store/client';
import { blameOf, describeFailure } from '@bbb-activity/store/errors';
import { Prisma } from '@bbb-activity/store/generated/client';
import { inTransaction, TransactionTimeoutError } from '@bbb-activity/store/transaction';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, event, type StoreFixture } from './store-fixture.js';

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
}

const raising = (state: string) =>
  failureOf(fixture.store.pool.query(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${state}'; END $$`));
const raisingByPrisma = (state: string) =>
  failureOf(fixture.store.prisma.$executeRawUnsafe(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${state}'; END $$`));

describe('what is to blame for a failed batch', () => {
  it.each(['40001', '40P01', '55P03', '53300', '53100', '57P01', '57P03', '57014', '08006', '42P01', '25006', 'XX000'])(
    'is the database for SQLSTATE %s',
    async (state) => expect(blameOf(await raising(state))).toBe('database'),
  );

  it('is the same as Prisma reports it', async () => {
    expect(blameOf(await raisingByPrisma('40P01'))).toBe('database');
    expect(blameOf(await raisingByPrisma('22003'))).toBe('events');
  });

  it('is the database for an error of the system whose code looks like one of PostgreSQL', () => {
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    expect(blameOf(error)).toBe('database');
    expect(describeFailure(error)).toBe('Error EPIPE');
  });

  it.each(['22001', '22003', '22P05', '23502', '23505', '54000'])('is the events for SQLSTATE %s', async (state) =>
    expect(blameOf(await raising(state))).toBe('events'),
  );

  it('is the events for an id that PostgreSQL cannot store', async () => {
    const batch = [event({ kind: 'joined', at: 1, user: 'bad\u0000id' })];
    expect(blameOf(await failureOf(applyBatch(fixture.store, batch, { policy: 'register' })))).toBe('events');
  });

  it('is the program for a time that it cannot write', async () => {
    const batch = [event({ kind: 'joined', at: 1e17, user: '42' })];
    expect(blameOf(await failureOf(applyBatch(fixture.store, batch, { policy: 'register' })))).toBe('program');
  });

  it('is the events for an id too long for an index', async () => {
    const user = Array.from({ length: 4_000 }, (_, index) => (index * 7919).toString(36)).join('');
    const batch = [event({ kind: 'joined', at: 1, user })];
    expect(blameOf(await failureOf(applyBatch(fixture.store, batch, { policy: 'register' })))).toBe('events');
  });

  it('is the database where the server is not there, for any way of asking', async () => {
    const store = openStore({ databaseUrl: 'postgresql://nobody@127.0.0.1:1/none', maxConnections: 1 });
    expect(blameOf(await failureOf(store.ping()))).toBe('database');
    expect(blameOf(await failureOf(applyBatch(store, [event({ kind: 'joined', at: 1, user: '42' })], { policy: 'known' })))).toBe(
      'database',
    );
    await store.close();
  });

  it('is the database where the pool has no connection left in time', async () => {
    const own = openStore({ databaseUrl: fixture.database.url, maxConnections: 1, connectTimeoutMs: 1_500 });
    const taken = await own.pool.connect();
    expect(blameOf(await failureOf(own.ping()))).toBe('database');
    taken.release();
    await own.close();
  });

  it('is the database where the transaction takes too long, and its connection is not left to others', async () => {
    const own = openStore({ databaseUrl: fixture.database.url, maxConnections: 1 });
    const slow = inTransaction(own, (db) => db.query(Prisma.sql`SELECT pg_sleep(60)::text`), { timeoutMs: 50 });
    const error = await failureOf(slow);
    expect(error).toBeInstanceOf(TransactionTimeoutError);
    expect(blameOf(error)).toBe('database');
    expect(await inTransaction(own, (db) => db.query(Prisma.sql`SELECT 1 AS one`))).toEqual([{ one: 1 }]);
    await own.close();
  });

  it('is the database where the server ends the connection in the middle', async () => {
    const own = openStore({ databaseUrl: fixture.database.url, maxConnections: 1 });
    const ended = inTransaction(own, async (db) => {
      const [backend] = await db.query<{ pid: number }>(Prisma.sql`SELECT pg_backend_pid() AS pid`);
      await fixture.store.prisma.$queryRawUnsafe(`SELECT pg_terminate_backend(${backend?.pid})`);
      await db.query(Prisma.sql`SELECT 1`);
    });
    expect(blameOf(await failureOf(ended))).toBe('database');
    await own.ping();
    await own.close();
  });

  it('is the program for an error of its own', () => {
    expect(blameOf(new TypeError('cannot read properties of undefined'))).toBe('program');
  });
});

describe('the description of a failed batch', () => {
  it('names the SQLSTATE and none of the values', async () => {
    const batch = [event({ kind: 'joined', at: 1, user: 'a-private-id\u0000' })];
    const error = await failureOf(applyBatch(fixture.store, batch, { policy: 'register' }));
    expect(describeFailure(error)).toBe('the database refused it (SQLSTATE 22021)');
    expect(describeFailure(new TypeError('a private word'))).toBe('TypeError');
  });
});
