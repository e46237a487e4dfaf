import { applyBatch } from '@bbb-activity/store/apply-batch';
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
const people = async () => (await fixture.store.prisma.participant.findMany()).map((one) => one.personKey).sort();
const activities = () =>
  fixture.store.prisma.conferenceActivity.findMany({ orderBy: [{ participantId: 'asc' }, { ordinal: 'asc' }] });
const meeting = () => fixture.store.prisma.conferenceMeeting.findFirstOrThrow();

describe('the documented example', () => {
  const started = event({
    kind: 'talk_started',
    at: 1_715_520_123_000,
    meeting: null,
    room: 'chamilo-meeting-abc123',
    user: '42',
  });
  const stopped = event({
    kind: 'talk_stopped',
    at: 1_715_520_265_000,
    meeting: null,
    room: 'chamilo-meeting-abc123',
    user: '42',
  });

  it('opens a row with the running talk timer in temp, and tells 142 seconds once it stopped', async () => {
    await apply(started);
    const [open] = await activities();
    expect(open).toMatchObject({
      inAt: new Date(1_715_520_123_000),
      outAt: null,
      close: false,
      type: 'participant',
      event: 'joined',
    });
    expect(open?.metrics).toEqual({
      totals: { talk_seconds: 0, camera_seconds: 0 },
      counts: { messages: 0, reactions: 0, hands: 0, reactions_breakdown: {} },
      temp: { talk_started_at: 1_715_520_123, camera_started_at: 0 },
    });
    await apply(stopped);
    const rows = await activities();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.id).toBe(open?.id);
    expect(rows[0]?.metrics).toMatchObject({ totals: { talk_seconds: 142 }, temp: { talk_started_at: 0 } });
  });
});

describe('duplicates', () => {
  it('change nothing and are told as such', async () => {
    const events = [
      event({ kind: 'joined', at: 10_000, via: 'w_a', user: '42', name: 'Kim' }),
      event({ kind: 'message', at: 11_000, via: 'w_a', user: '42' }),
      event({ kind: 'left', at: 20_000, via: 'w_a', user: '42' }),
    ];
    const first = await apply(...events);
    expect(first).toMatchObject({ events: 3, fresh: 3, duplicates: 0, refolded: 0, rows: 1 });
    const before = [await activities(), await fixture.store.prisma.conferenceEvent.findMany()];
    expect(await apply(...events, ...events)).toMatchObject({ events: 6, fresh: 0, duplicates: 6, refolded: 0, rows: 0 });
    expect([await activities(), await fixture.store.prisma.conferenceEvent.findMany()]).toEqual(before);
  });
});

describe('persons', () => {
  const join = event({ kind: 'joined', at: 10_000, via: 'w_a', user: '42', name: 'Kim' });
  const nameless = event({ kind: 'message', at: 12_000, via: 'w_a' });

  it('are found through an internal id that was tied before', async () => {
    await apply(join);
    expect(await apply(nameless)).toMatchObject({ refolded: 0 });
    expect(await people()).toEqual(['42']);
    expect((await activities()).map((row) => row.messages)).toEqual([1]);
  });

  it('are merged when the tie becomes known after, and nothing is left under the internal id', async () => {
    await apply(nameless);
    expect(await people()).toEqual(['w_a']);
    expect(await apply(join)).toMatchObject({ refolded: 2 });
    expect(await people()).toEqual(['42']);
    expect(await activities()).toMatchObject([{ messages: 1, inAt: new Date(10_000) }]);
  });

  it('follow the earliest of several ties, in whatever order these arrive', async () => {
    const earlier = event({ kind: 'joined', at: 5_000, via: 'w_a', user: '7' });
    await apply(join, nameless);
    await apply(earlier);
    expect(await people()).toEqual(['42', '7']);
    const reactions = await fixture.store.prisma.conferenceActivity.findMany({ include: { participant: true } });
    expect(Object.fromEntries(reactions.map((row) => [row.participant.personKey, row.messages]))).toEqual({ '42': 0, '7': 1 });
  });

  it('have the name of the latest event that tells one', async () => {
    await apply(event({ kind: 'message', at: 30_000, via: 'w_a', user: '42', name: 'Kim B.' }));
    await apply(join, nameless);
    expect(await fixture.store.prisma.participant.findFirst()).toMatchObject({ name: 'Kim B.' });
  });

  it('of one external id in two occurrences of a room, and in two access URLs, stay apart', async () => {
    await apply(
      join,
      event({ kind: 'joined', at: 10_000, meeting: 'm2', via: 'w_a', user: '42' }),
      event({ kind: 'joined', at: 10_000, meeting: null, user: '42' }),
      event({ kind: 'joined', at: 10_000, via: 'w_a', user: '42', accessUrlId: 2 }),
    );
    expect(await fixture.store.prisma.conferenceMeeting.count()).toBe(4);
    expect(await people()).toEqual(['42', '42', '42', '42']);
    expect(await activities()).toHaveLength(4);
  });
});

describe('the end of a meeting', () => {
  const join = event({ kind: 'joined', at: 0, via: 'w_a', user: '42' });
  const ended = event({ kind: 'meeting_ended', at: 60_000, room: null });

  it('closes every open session, without reading a journal where it comes last', async () => {
    await apply(join, event({ kind: 'joined', at: 5, via: 'w_b', user: '43' }));
    expect(await apply(ended)).toMatchObject({ refolded: 0, rows: 2 });
    expect(await activities()).toMatchObject([
      { outAt: new Date(60_000), close: true, closedBy: 'meeting_ended' },
      { outAt: new Date(60_000), close: true, closedBy: 'meeting_ended' },
    ]);
    expect(await meeting()).toMatchObject({ status: 'ended', closedAt: new Date(60_000), createdAt: new Date(0) });
  });

  it('closes sessions of whom nothing was known when it arrived', async () => {
    await apply(ended);
    await apply(join);
    expect(await activities()).toMatchObject([{ outAt: new Date(60_000), close: true }]);
    expect(await meeting()).toMatchObject({ createdAt: new Date(0), remoteId: 'room1' });
  });

  it('takes back what was counted after it, when an earlier end becomes known', async () => {
    await apply(join, event({ kind: 'message', at: 50_000, via: 'w_a', user: '42' }), ended);
    await apply(event({ kind: 'meeting_ended', at: 40_000, room: null }));
    expect(await activities()).toMatchObject([{ outAt: new Date(40_000), messages: 0 }]);
    expect(await meeting()).toMatchObject({ closedAt: new Date(40_000) });
  });

  it('closes but does not stop a flat occurrence, in any order', async () => {
    const flat = { meeting: null, user: '42' };
    const story = [
      event({ kind: 'joined', at: 1_000, ...flat }),
      event({ kind: 'meeting_ended', at: 2_000, meeting: null }),
      event({ kind: 'joined', at: 3_000, ...flat }),
      event({ kind: 'left', at: 4_000, ...flat }),
    ];
    for (const one of story) await apply(one);
    const inOrder = await sessionsByPerson(fixture.store);
    expect(inOrder['x:room1/42']?.map((session) => [session.inAt, session.outAt])).toEqual([
      [1_000, 2_000],
      [3_000, 4_000],
    ]);
    expect(await meeting()).toMatchObject({ status: 'running', closedAt: null });
    await emptyTables(fixture.store);
    for (const one of story.reverse()) await apply(one);
    expect(await sessionsByPerson(fixture.store)).toEqual(inOrder);
  });

  it('may be presumed at the last event, and the next new event lifts it', async () => {
    await apply(join, event({ kind: 'message', at: 30_000, via: 'w_a', user: '42' }));
    const { id } = await meeting();
    expect(await presumeEnd(fixture.store, String(id), 'silence')).toBe(true);
    expect(await presumeEnd(fixture.store, String(id), 'silence')).toBe(false);
    expect(await activities()).toMatchObject([{ outAt: new Date(30_000), closedBy: 'silence' }]);
    expect(await meeting()).toMatchObject({ status: 'ended', closedAt: new Date(30_000), presumedEnd: 'silence' });
    await apply(join);
    expect(await meeting()).toMatchObject({ presumedEnd: 'silence' });
    await apply(event({ kind: 'message', at: 40_000, via: 'w_a', user: '42' }));
    expect(await activities()).toMatchObject([{ outAt: null, close: false, closedBy: null, messages: 2 }]);
    expect(await meeting()).toMatchObject({ status: 'running', closedAt: null, presumedEnd: null });
  });
});

describe('folding again', () => {
  it('keeps the ids of rows whose ordinal stays and removes what is too many', async () => {
    await apply(
      event({ kind: 'joined', at: 1_000, via: 'w_a', user: '42' }),
      event({ kind: 'left', at: 2_000, via: 'w_a', user: '42' }),
      event({ kind: 'joined', at: 9_000, via: 'w_a', user: '42' }),
    );
    const [first] = await activities();
    // With a second connection inside in between, the two stays are one.
    await apply(event({ kind: 'joined', at: 1_500, via: 'w_b', user: '42' }));
    const rows = await activities();
    expect(rows).toMatchObject([{ id: first?.id, inAt: new Date(1_000), outAt: null }]);
  });

  it('happens where the kept state is of another version', async () => {
    await apply(event({ kind: 'message', at: 1_000, via: 'w_a', user: '42' }));
    await fixture.store.prisma.participant.updateMany({ data: { state: { version: 0 } } });
    expect(await apply(event({ kind: 'message', at: 2_000, via: 'w_a', user: '42' }))).toMatchObject({ refolded: 1 });
    expect(await activities()).toMatchObject([{ messages: 2 }]);
  });
});

describe('a batch', () => {
  it('takes no more statements for many events than for few', async () => {
    const events = (count: number, from: number) =>
      Array.from({ length: count }, (_, index) =>
        event({ kind: 'message', at: from + index, via: `w_${index % 50}`, user: String(index % 50) }),
      );
    await apply(...events(60, 0));
    const few = await apply(...events(5, 1_000));
    const many = await apply(...events(250, 2_000));
    expect(many).toMatchObject({ fresh: 250, refolded: 0, rows: 50 });
    expect(many.statements).toBe(few.statements);
    expect(many.statements).toBeLessThanOrEqual(10);
  });

  it('leaves nothing behind when one of its events cannot be stored', async () => {
    await expect(
      apply(event({ kind: 'joined', at: 1, user: '42' }), event({ kind: 'joined', at: 2, user: 'bad\u0000id' })),
    ).rejects.toThrow();
    expect(await fixture.store.prisma.conferenceEvent.count()).toBe(0);
    expect(await fixture.store.prisma.conferenceMeeting.count()).toBe(0);
  });
});

describe('a batch that is told to stop', () => {
  it('is rolled back whole, and can be applied later', async () => {
    const own = await createStore();
    const stop = new AbortController();
    const batch = [event({ kind: 'joined', at: 1_000, user: '42' }), event({ kind: 'left', at: 9_000, user: '42' })];
    stop.abort(new Error('told to stop'));
    await expect(applyBatch(own.store, batch, { policy: 'register', signal: stop.signal })).rejects.toThrow('told to stop');
    expect(await own.store.prisma.conferenceEvent.count()).toBe(0);
    expect((await applyBatch(own.store, batch, { policy: 'register' })).fresh).toBe(2);
    await own.close();
  });
});
