import { applyBatch } from '@bbb-activity/store/apply-batch';
import { BatchMemory } from '@bbb-activity/store/batch-memory';
import { openStore } from '@bbb-activity/store/client';
import { Prisma } from '@bbb-activity/store/generated/client';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { rowsAs } from '@bbb-activity/store/rows-as';
import { asMs } from '@bbb-activity/store/statements';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { expectedSessions } from './expected-sessions.js';
import {
  createStore,
  differencesOf,
  type EventSketch,
  emptyTables,
  event,
  type StoreFixture,
  sessionsByPerson,
} from './store-fixture.js';

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());
beforeEach(() => emptyTables(fixture.store));

const joined: EventSketch = { kind: 'joined', at: 1_000, via: 'w_a', user: '42' };
const message = (at: number): EventSketch => ({ kind: 'message', at, via: 'w_a', user: '42' });

function processOf(memory = new BatchMemory(), store = fixture.store) {
  const told: EventSketch[] = [];
  return {
    memory,
    async tells(...sketches: EventSketch[]) {
      told.push(...sketches);
      return applyBatch(store, sketches.map(event), { policy: 'register', memory });
    },
  };
}

async function expectLaw(...sketches: EventSketch[]) {
  expect(await sessionsByPerson(fixture.store)).toEqual(expectedSessions(sketches.map(event)));
  expect(await differencesOf(fixture.store)).toEqual([]);
}

describe('what a process remembers of its batches', () => {
  it('spares the statements that ask for it', async () => {
    const own = processOf();
    const first = await own.tells(joined);
    await own.tells(message(2_000));
    const later = await own.tells(message(3_000));
    expect(later.statements).toBeLessThanOrEqual(6);
    expect(later.statements).toBeLessThan(first.statements - 3);
    await expectLaw(joined, message(2_000), message(3_000));
  });

  it('costs no second transaction where processes take turns, and know that they do', async () => {
    const processes = [processOf(), processOf()];
    let begun = 0;
    for (const [turn, { memory }] of [...processes, ...processes, ...processes].entries()) {
      for (const at of [1_000, 1_500]) {
        const meter = { begun: 0 };
        const events = [turn === 0 ? joined : message(turn * 1_000 + at)].map(event);
        const { statements } = await applyBatch(fixture.store, events, { policy: 'register', memory, meter, tenure: `${turn}` });
        begun += meter.begun;
        // In its turn it remembers.
        if (turn > 1 && at === 1_500) expect(statements).toBeLessThanOrEqual(6);
      }
    }
    expect(begun).toBe(12);
    await expectLaw(joined, ...[2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000, 5_500, 6_000, 6_500].map(message));
  });

  it('costs a second transaction once, and not with every batch, where two processes write one participant in the same tenure', async () => {
    const [own, other] = [processOf(), processOf()];
    await own.tells(joined);
    await other.tells(message(2_000));
    let begun = 0;
    for (let at = 3_000; at < 10_000; at += 2_000) {
      for (const [process, time] of [
        [own, at],
        [other, at + 1_000],
      ] as const) {
        const meter = { begun: 0 };
        await applyBatch(fixture.store, [event(message(time))], { policy: 'register', memory: process.memory, meter });
        begun += meter.begun;
      }
    }
    expect(begun).toBeGreaterThan(8);
    expect(begun).toBeLessThanOrEqual(10);
    await expectLaw(joined, ...[2, 3, 4, 5, 6, 7, 8, 9, 10].map((second) => message(second * 1_000)));
  });

  it('does not hide an end that another process was told of', async () => {
    const [own, other] = [processOf(), processOf()];
    await own.tells(joined);
    await own.tells(message(2_000));
    const ended: EventSketch = { kind: 'meeting_ended', at: 2_500 };
    await other.tells(ended);
    await own.tells(message(3_000));
    await own.tells(message(2_200));
    await expectLaw(joined, message(2_000), message(2_200), ended, message(3_000));
  });

  it('does not hide a mark of a presumed end, which the next event lifts', async () => {
    const own = processOf();
    await own.tells(joined);
    await own.tells(message(2_000));
    const { id } = await fixture.store.prisma.conferenceMeeting.findFirstOrThrow();
    await presumeEnd(fixture.store, String(id), 'silence');
    await own.tells(message(3_000));
    await expectLaw(joined, message(2_000), message(3_000));
  });

  it('does not hide an earlier tie that another process was told of', async () => {
    const [own, other] = [processOf(), processOf()];
    const nameless: EventSketch = { kind: 'message', at: 5_000, via: 'w_a' };
    const earlier: EventSketch = { kind: 'joined', at: 500, via: 'w_a', user: '7' };
    await own.tells(joined);
    await own.tells(nameless);
    await other.tells(earlier);
    await own.tells({ ...nameless, at: 6_000 });
    await own.tells(message(7_000));
    await expectLaw(joined, nameless, earlier, { ...nameless, at: 6_000 }, message(7_000));
  });

  it('lets an earlier tie of its own through', async () => {
    const own = processOf();
    const earlier: EventSketch = { kind: 'message', at: 500, via: 'w_a', user: '7' };
    const nameless: EventSketch = { kind: 'message', at: 5_000, via: 'w_a' };
    await own.tells(joined);
    await own.tells(nameless);
    await own.tells(earlier);
    await expectLaw(joined, nameless, earlier);
  });

  it('is gone after a batch that failed: the database may be another one now', async () => {
    const own = processOf();
    await own.tells(joined);
    await own.tells(message(2_000));
    expect(own.memory.occurrences.size).toBe(1);
    expect(own.memory.ties.size).toBe(1);
    await expect(own.tells({ kind: 'joined', at: 3_000, user: 'bad\u0000id' })).rejects.toThrow();
    expect(own.memory.occurrences.size).toBe(0);
    expect(own.memory.ties.size).toBe(0);
    // As after a restored backup, with a meeting of the same id that knows nothing.
    await emptyTables(fixture.store);
    await own.tells({ kind: 'message', at: 9_000, via: 'w_b', user: '1' });
    await own.tells(message(9_500));
    await expectLaw({ kind: 'message', at: 9_000, via: 'w_b', user: '1' }, message(9_500));
  });
});

describe('what a process remembers of a database', () => {
  it('is gone when another one takes its place while the process is idle', async () => {
    const own = openStore({ databaseUrl: fixture.database.url, maxConnections: 1 });
    const { tells } = processOf(BatchMemory.over(own), own);
    const nameless: EventSketch = { kind: 'message', at: 5_000, via: 'w_a' };
    const first: EventSketch = { kind: 'joined', at: 500, via: 'w_z', user: '1' };
    await tells(first);
    await tells(joined);
    await tells(message(2_000));
    // As a restored backup would: without what came last, and all connections ended.
    for (const table of ['participant', 'conference_event']) {
      const column = table === 'participant' ? 'person_key' : 'external_user_id';
      await fixture.store.pool.query(`DELETE FROM ${table} WHERE ${column} = '42'`);
    }
    await fixture.store.pool.query("DELETE FROM conference_identity WHERE internal_user_id = 'w_a'");
    await fixture.store.pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await until('the connection is gone', () => own.pool.totalCount === 0);
    await tells(joined);
    await tells(message(2_000));
    await tells(nameless);
    await expectLaw(first, joined, message(2_000), nameless);
    await own.close();
  });
});

describe('rows as arrays', () => {
  it('law: PostgreSQL reads what was written', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).filter((one) => !one.includes('\u0000') && Buffer.from(one).toString() === one),
      fc.constantFrom('NULL', '{}', '"', '\\', '\\"', ',', '{a,b}', ' ', ''),
    );
    const row = fc.record({
      text: fc.option(text, { nil: null }),
      number: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), { nil: null }),
      yes: fc.option(fc.boolean(), { nil: null }),
      count: fc.option(fc.integer(), { nil: null }),
      at: fc.option(fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9_999, 0, 1) }), { nil: null }),
      bytes: fc.option(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex')),
        { nil: null },
      ),
      revision: fc.option(fc.nat(2 ** 32 - 1).map(String), { nil: null }),
      json: fc.option(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text)), { noNullPrototype: true }), {
        nil: null,
      }),
    });
    const types = {
      text: 'text',
      number: 'bigint',
      yes: 'boolean',
      json: 'jsonb',
      count: 'int',
      at: 'timestamptz',
      bytes: 'bytea',
      revision: 'xid',
    } as const;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
        const read = await fixture.store.statements.query(Prisma.sql`
          SELECT text, number, yes, json, count, ${asMs('at')} AS at, encode(bytes, 'hex') AS bytes, revision::text AS revision
          FROM ${rowsAs('n', types, rows)}`);
        expect(read).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });
});
