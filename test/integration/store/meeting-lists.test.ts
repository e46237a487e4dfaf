import { applyBatch } from '@bbb-activity/store/apply-batch';
import type { MeetingSort, Order } from '@bbb-activity/store/meeting-cursor';
import { type ListMeetingsOptions, listMeetings, type MeetingSummary } from '@bbb-activity/store/meeting-queries';
import { EVERYTHING, type ReadScope } from '@bbb-activity/store/read-scope';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, event, type StoreFixture } from './store-fixture.js';

let fixture: StoreFixture;
const START = Date.UTC(2026, 0, 5, 8);
const NOW = START + 3_600_000;
const TITLES = ['Algebra', 'biology', 'Chemistry 100%', 'algebra II', 'Über_uns', 'Zoo'];

beforeAll(async () => {
  fixture = await createStore();
  const events = Array.from({ length: 24 }, (_, index) => {
    const at = START + (index % 9) * 60_000;
    const place = { meeting: `m${index}`, room: `room${index % 4}`, accessUrlId: 1 + (index % 2) };
    const people = Array.from({ length: index % 5 }, (_person, user) =>
      event({ ...place, kind: 'joined', at: at + 1_000, user: `${user}`, name: `P${user}` }),
    );
    const ends = index % 3 === 0 ? [] : [event({ ...place, kind: 'meeting_ended', at: at + (index % 7) * 10_000 + 2_000 })];
    const created = event({ ...place, kind: 'meeting_created', at, details: { meeting: { title: TITLES[index % 6] ?? '' } } });
    return [created, ...people, ...ends];
  });
  await applyBatch(fixture.store, events.flat(), { policy: 'register' });
});
afterAll(() => fixture.close());

async function all(options: ListMeetingsOptions, scope: ReadScope = EVERYTHING): Promise<MeetingSummary[]> {
  const items: MeetingSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await listMeetings(fixture.store, scope, { now: NOW, limit: 5, ...options, cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

const KEYS: Record<MeetingSort, (meeting: MeetingSummary) => number | string> = {
  started: ({ createdAt }) => createdAt.getTime(),
  title: ({ title }) => title,
  duration: ({ durationSeconds }) => durationSeconds,
  participants: ({ participants }) => participants,
};

describe('a list of meetings', () => {
  it.each(
    (['started', 'title', 'duration', 'participants'] as const).flatMap((sort) =>
      (['asc', 'desc'] as const).map((order): [MeetingSort, Order] => [sort, order]),
    ),
  )('by %s, %s, has every meeting once over its pages, in order', async (sort, order) => {
    const items = await all({ sort, order });
    expect(new Set(items.map(({ id }) => id)).size).toBe(24);
    const whole = await listMeetings(fixture.store, EVERYTHING, { now: NOW, limit: 100, sort, order });
    expect(items).toEqual(whole.items);
    if (sort === 'title') return;
    const keys = items.map((item) => Number(KEYS[sort](item)));
    expect(keys).toEqual(keys.toSorted((a, b) => (order === 'asc' ? a - b : b - a)));
  });

  it('by title goes by letters whatever their case, from A to Z unless told otherwise', async () => {
    const titles = (await all({ sort: 'title' })).map(({ title }) => title.toLowerCase());
    const plain = titles.filter((title) => /^[a-z]/.test(title));
    expect(plain).toEqual(plain.toSorted());
    expect(plain[0]).toBe('algebra');
  });

  it('goes on from page to page by what was long at the first one', async () => {
    const first = await listMeetings(fixture.store, EVERYTHING, { sort: 'duration', limit: 5, now: NOW });
    const second = await listMeetings(fixture.store, EVERYTHING, {
      sort: 'duration',
      limit: 100,
      cursor: first.nextCursor ?? '',
      now: NOW + 9_000_000,
    });
    expect([...first.items, ...second.items]).toEqual(await all({ sort: 'duration' }));
  });

  it.each([
    ['its title, whatever the case', { title: 'ALGEBRA' }, (one: MeetingSummary) => /algebra/i.test(one.title)],
    ['a sign that means something in a pattern', { title: '0%' }, (one: MeetingSummary) => one.title.includes('0%')],
    ['another such sign', { title: 'r_u' }, (one: MeetingSummary) => one.title.includes('r_u')],
    [
      'a time',
      { from: START + 60_000, to: START + 180_000 },
      ({ createdAt }: MeetingSummary) => createdAt.getTime() >= START + 60_000 && createdAt.getTime() < START + 180_000,
    ],
    ['whether it goes on', { running: true }, (one: MeetingSummary) => one.running],
    ['whether it is over', { running: false }, (one: MeetingSummary) => !one.running],
    ['its access URL', { accessUrlId: 2 }, (one: MeetingSummary) => one.accessUrlId === 2],
    ['its room', { remoteId: 'room3' }, (one: MeetingSummary) => one.remoteId === 'room3'],
    [
      'several of them',
      { remoteId: 'room1', running: false, title: 'o' },
      (one: MeetingSummary) => one.remoteId === 'room1' && !one.running && /o/i.test(one.title),
    ],
  ])('is narrowed by %s', async (_what, filter, belongs) => {
    const expected = (await all({})).filter(belongs);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(24);
    expect(await all(filter)).toEqual(expected);
  });

  it('tells who takes part, who is there, and how long it lasts', async () => {
    const byKey = new Map((await all({})).map((one) => [one.internalMeetingId, one]));
    expect(byKey.get('m3')).toMatchObject({
      running: true,
      participants: 3,
      online: 3,
      durationSeconds: 3_600 - 180,
      closedAt: null,
    });
    expect(byKey.get('m4')).toMatchObject({ running: false, participants: 4, online: 0, durationSeconds: 42, status: 'ended' });
    expect(byKey.get('m5')).toMatchObject({ participants: 0, online: 0, title: 'Zoo', isBreakout: false, parentId: null });
  });

  it('has nothing of another access URL, nor another meeting, than those that may be read', async () => {
    const mine = await all({}, { accessUrlId: 2, meetingId: null });
    expect(new Set(mine.map(({ accessUrlId }) => accessUrlId))).toEqual(new Set([2]));
    expect(mine).toHaveLength(12);
    expect(await all({ accessUrlId: 1 }, { accessUrlId: 2, meetingId: null })).toEqual([]);
    const [one] = mine;
    expect(await all({}, { accessUrlId: null, meetingId: one?.id ?? '' })).toEqual([one]);
    expect(await all({}, { accessUrlId: 1, meetingId: one?.id ?? '' })).toEqual([]);
  });

  it.each([
    'x',
    Buffer.from('["started","desc",0,0]').toString('base64url'),
    Buffer.from('["started","asc",0,0,"1"]').toString('base64url'),
    Buffer.from('["title","desc",0,"a","1"]').toString('base64url'),
    Buffer.from('["started","desc",1e99,0,"1"]').toString('base64url'),
    Buffer.from('["started","desc",0,1e17,"1"]').toString('base64url'),
    Buffer.from('["started","desc",0,0,"1; --"]').toString('base64url'),
    Buffer.from('null').toString('base64url'),
  ])('refuses a cursor that it did not give: %s', async (cursor) => {
    await expect(listMeetings(fixture.store, EVERYTHING, { cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});
