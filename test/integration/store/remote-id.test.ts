import { applyBatch } from '@bbb-activity/store/apply-batch';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStore, emptyTables, event, type StoreFixture } from './store-fixture.js';

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());
beforeEach(() => emptyTables(fixture.store));

const apply = (...events: ReturnType<typeof event>[]) => applyBatch(fixture.store, events, { policy: 'register' });
const remoteId = async () => (await fixture.store.prisma.conferenceMeeting.findFirstOrThrow()).remoteId;

/** Every order of `items`. */
function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

const nameless = event({ kind: 'noted', at: 1_000, room: null });
const first = event({ kind: 'message', at: 2_000, user: '42', room: 'algebra' });
const second = event({ kind: 'message', at: 3_000, user: '42', room: 'biology' });
const third = event({ kind: 'message', at: 4_000, user: '42', room: 'algebra' });

describe('the external id of an internal occurrence', () => {
  it('is the one that its earliest event tells, in whatever order the events arrive', async () => {
    for (const order of ordersOf([nameless, first, second, third])) {
      await emptyTables(fixture.store);
      for (const one of order) await apply(one);
      expect(await remoteId(), order.map(({ at }) => at).join(' ')).toBe('algebra');
    }
  });

  it('is at one and the same time the one of the event with the least identity', async () => {
    const together = ['algebra', 'biology', 'chemistry'].map((room) => event({ kind: 'noted', at: 2_000, room }));
    const least = together.toSorted((a, b) => (a.identity < b.identity ? -1 : 1))[0]?.meeting.externalId;
    for (const order of ordersOf(together)) {
      await emptyTables(fixture.store);
      for (const one of order) await apply(one);
      expect(await remoteId()).toBe(least);
    }
  });

  it('is kept in the journal with the events that decided it, and with no other', async () => {
    await apply(second);
    await apply(first);
    await apply(third, nameless);
    const journal = await fixture.store.prisma.conferenceEvent.findMany({ orderBy: { at: 'asc' } });
    expect(journal.map((one) => one.remoteId)).toEqual([null, 'algebra', 'biology', null]);
  });

  it('costs later events no more than a shared lock of their meeting', async () => {
    await apply(first);
    const { store } = fixture;
    await store.prisma.$transaction(async (reader) => {
      await reader.$queryRaw`SELECT id FROM conference_meeting FOR SHARE`;
      // Would wait for the reader for ever if it wanted the row for itself.
      expect(await apply(second, third)).toMatchObject({ fresh: 2 });
    });
  });
});
