import { applyBatch } from '@bbb-activity/store/apply-batch';
import { groupBy } from '@bbb-activity/store/group-by';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStore, emptyTables, event, type StoreFixture, sessionsByPerson } from './store-fixture.js';

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());
beforeEach(() => emptyTables(fixture.store));

const apply = (...events: ReturnType<typeof event>[]) => applyBatch(fixture.store, events, { policy: 'register' });
const meeting = () => fixture.store.prisma.conferenceMeeting.findFirstOrThrow();
const people = async () => (await fixture.store.prisma.participant.findMany()).map((one) => one.personKey).sort();

/** The modern activities by person, as `event activityData`. */
async function activitiesByPerson(): Promise<Record<string, string[]>> {
  const rows = await fixture.store.prisma.conferenceActivity.findMany({
    where: { ordinal: null },
    include: { participant: true },
    orderBy: { eventAt: 'asc' },
  });
  const groups = groupBy(rows, (row) => row.participant.personKey);
  return Object.fromEntries([...groups].map(([person, own]) => [person, own.map((row) => `${row.event} ${row.activityData}`)]));
}

/** Both orders of two steps, each from empty tables, must end in the same. */
async function inBothOrders<T>(steps: readonly ReturnType<typeof event>[], read: () => Promise<T>): Promise<[T, T]> {
  const results: T[] = [];
  for (const order of [steps, steps.toReversed()]) {
    await emptyTables(fixture.store);
    for (const one of order) await apply(one);
    results.push(await read());
  }
  const [first, second] = results;
  if (first === undefined || second === undefined) throw new Error('two orders were to be read');
  return [first, second];
}

describe('activities of the modern endpoint', () => {
  const activity = (at: number, data: string, signedSeconds: number, person: { via?: string; user?: string }) =>
    event({
      kind: 'activity',
      at,
      ...person,
      details: {
        signedSeconds,
        activity: {
          event: 'signed',
          type: null,
          inAt: null,
          outAt: null,
          close: null,
          activityData: data,
          signatureFile: null,
          signedAt: null,
        },
      },
    });

  it('go with their event when a tie moves it to another person, and come back where another had replaced them', async () => {
    const own = activity(1_000, 'own', 1, { user: '42' });
    const moving = activity(1_000, 'moving', 2, { via: 'w_a' });
    const other = activity(2_000, 'other', 1, { via: 'w_a' });
    const late = event({ kind: 'joined', at: 9_000, via: 'w_a', user: '42' });
    const early = event({ kind: 'joined', at: 500, via: 'w_a', user: '7' });
    const [forth, back] = await inBothOrders([own, moving, other, late, early], activitiesByPerson);
    expect(forth).toEqual({ '42': ['signed own'], '7': ['signed moving', 'signed other'] });
    expect(back).toEqual(forth);
  });
});

describe('an event of the meeting that names a person', () => {
  it('ends a flat occurrence for all, also for who is folded again later', async () => {
    const flat = { meeting: null };
    const story = [
      event({ kind: 'joined', at: 1_000, user: '42', ...flat }),
      event({ kind: 'joined', at: 1_500, user: '43', ...flat }),
      event({ kind: 'meeting_ended', at: 2_000, user: '42', ...flat }),
      event({ kind: 'message', at: 1_800, user: '43', ...flat }),
    ];
    const [forth, back] = await inBothOrders(story, () => sessionsByPerson(fixture.store));
    expect(forth['x:room1/43']).toMatchObject([{ inAt: 1_500, outAt: 2_000, messages: 1 }]);
    expect(back).toEqual(forth);
  });

  it('tells its facts and makes nobody take part', async () => {
    await apply(event({ kind: 'meeting_created', at: 500, user: '42', details: { meeting: { title: 'Algebra' } } }));
    expect(await meeting()).toMatchObject({ title: 'Algebra' });
    expect(await people()).toEqual([]);
  });
});

describe('a flat occurrence that is presumed ended after it ended', () => {
  it('stays closed when it was, whatever duplicates come', async () => {
    const created = event({ kind: 'meeting_created', at: 5_000, meeting: null });
    await apply(
      event({ kind: 'joined', at: 1_000, meeting: null, user: '42' }),
      event({ kind: 'meeting_ended', at: 2_000, meeting: null }),
      created,
    );
    await presumeEnd(fixture.store, String((await meeting()).id), 'silence');
    const before = await meeting();
    await apply(created);
    expect(await meeting()).toEqual(before);
  });
});

describe('ties that move again and again', () => {
  it('leave every event with the person of the earliest tie', async () => {
    const messages = [1, 2, 3].map((index) => event({ kind: 'message', at: 20_000 + index, via: 'w_a' }));
    await apply(event({ kind: 'joined', at: 1, via: 'w_b', user: '9' }), ...messages);
    for (const [at, user] of [
      [9_000, '42'],
      [8_000, '7'],
      [7_000, '42'],
      [6_000, '9'],
      [5_000, '7'],
    ] as const) {
      await apply(event({ kind: 'joined', at, via: 'w_a', user }));
      const counts = Object.entries(await sessionsByPerson(fixture.store)).map(([key, sessions]) => [
        key.split('/')[1],
        sessions.reduce((sum, { messages: count }) => sum + count, 0),
      ]);
      expect(Object.fromEntries(counts.filter(([, count]) => count !== 0))).toEqual({ [user]: 3 });
    }
  });
});
