import { applyBatch, type MeetingPolicy } from '@bbb-activity/store/apply-batch';
import { getMeeting, listMeetings } from '@bbb-activity/store/meeting-queries';
import { EVERYTHING } from '@bbb-activity/store/read-scope';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStore, emptyTables, event, type StoreFixture, sessionsByPerson } from './store-fixture.js';

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());
beforeEach(() => emptyTables(fixture.store));

const applyAs = (policy: MeetingPolicy, ...events: ReturnType<typeof event>[]) => applyBatch(fixture.store, events, { policy });
const apply = (...events: ReturnType<typeof event>[]) => applyAs('known', ...events);

const announcement = event({
  kind: 'meeting_announced',
  at: 500,
  meeting: null,
  details: { signedSeconds: 1, meeting: { title: 'Algebra' } },
});
const joined = event({ kind: 'joined', at: 1_000, via: 'w_a', user: '42', name: 'Kim' });
const nameless = event({ kind: 'message', at: 2_000, via: 'w_a', room: null });
const left = event({ kind: 'left', at: 3_000, via: 'w_a', user: '42' });

describe('a meeting of a room that was not announced', () => {
  it('waits in the journal: no participants, no rows, not listed', async () => {
    expect(await apply(joined, nameless)).toMatchObject({ fresh: 2, rows: 0 });
    expect(await sessionsByPerson(fixture.store)).toEqual({});
    expect(await listMeetings(fixture.store, EVERYTHING)).toEqual({ items: [], nextCursor: null });
    expect(await getMeeting(fixture.store, EVERYTHING, '1')).toBeNull();
    expect(await fixture.store.prisma.conferenceEvent.count()).toBe(2);
  });

  it('becomes rows with the announcement, the same as if that had come first', async () => {
    await apply(announcement, joined);
    await apply(nameless);
    await apply(left);
    const announcedFirst = await sessionsByPerson(fixture.store);
    expect(announcedFirst['i:m1/42']).toMatchObject([{ inAt: 1_000, outAt: 3_000, messages: 1 }]);

    await emptyTables(fixture.store);
    await apply(nameless);
    await apply(joined);
    await apply(left);
    await apply(announcement);
    expect(await sessionsByPerson(fixture.store)).toEqual(announcedFirst);
  });

  it('becomes known when a later event tells its announced room', async () => {
    await apply(announcement);
    await apply(nameless);
    expect(await sessionsByPerson(fixture.store)).toEqual({});
    await apply(joined);
    expect(await sessionsByPerson(fixture.store)).toMatchObject({ 'i:m1/42': [{ messages: 1 }] });
  });

  it('becomes rows with its next event once every meeting is registered', async () => {
    await apply(joined, nameless);
    await applyAs('register', left);
    expect(await sessionsByPerson(fixture.store)).toMatchObject({ 'i:m1/42': [{ inAt: 1_000, outAt: 3_000, messages: 1 }] });
  });

  it('stays apart from an announced room of the same name in another access URL', async () => {
    await apply(
      joined,
      event({ ...{ kind: 'meeting_announced', at: 1, meeting: null }, accessUrlId: 2, details: { signedSeconds: 1 } }),
    );
    expect(await sessionsByPerson(fixture.store)).toEqual({});
  });
});

describe('a later meeting of an announced room', () => {
  it('is known at once and has the title of the room', async () => {
    await apply(announcement);
    await apply(joined, event({ kind: 'joined', at: 9_000, meeting: 'm2', via: 'w_c', user: '42' }));
    expect(Object.keys(await sessionsByPerson(fixture.store)).sort()).toEqual(['i:m1/42', 'i:m2/42']);
    // The flat occurrence holds nothing but the announcement and is left out.
    const { items } = await listMeetings(fixture.store, EVERYTHING);
    expect(items.map(({ internalMeetingId, title }) => [internalMeetingId, title])).toEqual([
      ['m2', 'Algebra'],
      ['m1', 'Algebra'],
    ]);
  });
});

describe('an announcement and a first event at once', () => {
  it('always end in rows', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => {
        const room = `together${index}`;
        return Promise.all([
          apply(event({ kind: 'meeting_announced', at: 1, meeting: null, room, details: { signedSeconds: 1 } })),
          apply(event({ kind: 'joined', at: 2, meeting: `t${index}`, room, via: 'w_a', user: '42' })),
        ]);
      }),
    );
    expect(Object.keys(await sessionsByPerson(fixture.store))).toHaveLength(12);
  });
});
