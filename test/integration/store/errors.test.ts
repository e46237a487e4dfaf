import { applyBatch } from '@bbb-activity/store/apply-batch';
import { openStore } from '@bbb-activity/store/client';
import { blameOf, describeFailure } from '@bbb-activity/store/errors';
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
  failureOf(fixture.store.prisma.$executeRawUnsafe(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${state}'; END $$`));

describe('what is to blame for a failed batch', () => {
  it.each(['40001', '40P01', '55P03', '53300', '53100', '57P01', '57P03', '57014', '08006', '42P01', '25006', 'XX000'])(
    'is the database for SQLSTATE %s as Prisma reports it',
    async (state) => expect(blameOf(await raising(state))).toBe('database'),
  );

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

  it('is the database where the pool has no connection left in time, or the transaction took too long', async () => {
    const { prisma } = fixture.store;
    const slow = prisma.$transaction(async (tx) => tx.$queryRaw`SELECT pg_sleep(0.2)::text`, { timeout: 50 });
    expect(blameOf(await failureOf(slow.then(() => prisma.$queryRaw`SELECT 1`)))).toBe('database');
  });

  it('is the database where the server ends the connection in the middle', async () => {
    const own = openStore({ databaseUrl: fixture.database.url, maxConnections: 1 });
    const ended = own.prisma.$transaction(async (tx) => {
      const [backend] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
      await fixture.store.prisma.$queryRawUnsafe(`SELECT pg_terminate_backend(${backend?.pid})`);
      await tx.$queryRaw`SELECT 1`;
    });
    expect(blameOf(await failureOf(ended))).toBe('database');
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
    expect(describeFailure(error)).toBe('the database refused it (SQLSTATE 22P05)');
    expect(describeFailure(new TypeError('a private word'))).toBe('TypeError');
  });
});
