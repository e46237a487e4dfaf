import { applyBatch } from '@bbb-activity/store/apply-batch';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { findStaleMeetings, type StaleMeeting } from '@bbb-activity/store/stale-meetings';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createStore,
  differencesOf,
  type EventSketch,
  emptyTables,
  event,
  type StoreFixture,
  sessionsByPerson,
} from './store-fixture.js';

const MINUTE = 60_000;
let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());
beforeEach(() => emptyTables(fixture.store));

/** Applies events as if they had arrived so many minutes ago. */
async function arrived(minutesAgo: number, ...sketches: EventSketch[]): Promise<void> {
  const { prisma } = fixture.store;
  const known = new Set((await prisma.conferenceEvent.findMany()).map(({ identity }) => Buffer.from(identity).toString('hex')));
  const events = sketches.map(event);
  await applyBatch(fixture.store, events, { policy: 'register' });
  const identities = events.filter(({ identity }) => !known.has(identity)).map(({ identity }) => Buffer.from(identity, 'hex'));
  await prisma.conferenceEvent.updateMany({
    where: { identity: { in: identities } },
    data: { receivedAt: new Date(Date.now() - minutesAgo * MINUTE) },
  });
}

const find = (options: Partial<Parameters<typeof findStaleMeetings>[1]> = {}) =>
  findStaleMeetings(fixture.store, { quietMs: 5 * MINUTE, silenceMs: 60 * MINUTE, limit: 100, ...options });

/** By occurrence key. */
async function found(meetings: readonly StaleMeeting[]): Promise<Record<string, { superseded: boolean; silent: boolean }>> {
  const rows = await fixture.store.prisma.conferenceMeeting.findMany();
  const keys = new Map(rows.map(({ id, occurrenceKey }) => [String(id), occurrenceKey]));
  return Object.fromEntries(meetings.map(({ id, superseded, silent }) => [keys.get(id) ?? id, { superseded, silent }]));
}

const idOf = async (internalId: string) =>
  String((await fixture.store.prisma.conferenceMeeting.findFirstOrThrow({ where: { internalMeetingId: internalId } })).id);
const meetingOf = (internalId: string) =>
  fixture.store.prisma.conferenceMeeting.findFirstOrThrow({ where: { internalMeetingId: internalId } });
const joined = { kind: 'joined', at: 1_000, via: 'w_a', user: '42' } as const;

describe('the search for stale meetings', () => {
  it('goes by the time of arrival, and not by that of the events', async () => {
    await arrived(4, { ...joined, meeting: 'recent', room: 'a' });
    await arrived(6, { ...joined, meeting: 'quiet', room: 'b', at: Date.now() + 3_600_000 });
    await arrived(61, { ...joined, meeting: 'silent', room: 'c' });
    await arrived(300, { ...joined, meeting: 'back', room: 'd' });
    await arrived(1, { ...joined, meeting: 'back', room: 'd', at: 2_000 });
    expect(await found(await find())).toEqual({
      'i:quiet': { superseded: false, silent: false },
      'i:silent': { superseded: false, silent: true },
    });
  });

  it('finds nobody silent where silence is switched off', async () => {
    await arrived(61, joined);
    expect(await found(await find({ silenceMs: null }))).toEqual({ 'i:m1': { superseded: false, silent: false } });
  });

  it('leaves out what ended, what is marked, what is sealed and what waits to be known', async () => {
    await arrived(61, joined, { kind: 'meeting_ended', at: 2_000 });
    await arrived(61, { ...joined, meeting: 'marked', room: 'b' });
    await presumeEnd(fixture.store, await idOf('marked'), 'silence');
    await arrived(61, { ...joined, meeting: 'sealed', room: 'c' });
    await fixture.store.prisma.conferenceMeeting.updateMany({ where: { remoteId: 'c' }, data: { sealedAt: new Date() } });
    await applyBatch(fixture.store, [event({ ...joined, meeting: 'waiting', room: 'd' })], { policy: 'known' });
    await fixture.store.prisma.conferenceEvent.updateMany({ data: { receivedAt: new Date(0) } });
    expect(await find()).toEqual([]);
  });

  it('takes a flat occurrence while a session is open in it, whatever end it had', async () => {
    const flat = { ...joined, meeting: null };
    await arrived(61, { ...flat, room: 'open' }, { ...flat, room: 'left' }, { ...flat, room: 'left', kind: 'left', at: 2_000 });
    const again = { ...flat, room: 'again' };
    await arrived(61, again, { kind: 'meeting_ended', meeting: null, room: 'again', at: 2_000 }, { ...again, at: 3_000 });
    expect(await found(await find())).toEqual({
      'x:open': { superseded: false, silent: true },
      'x:again': { superseded: false, silent: true },
    });
  });

  it('takes an internal occurrence that everybody left, too', async () => {
    await arrived(61, joined, { ...joined, kind: 'left', at: 2_000 });
    expect(await found(await find())).toEqual({ 'i:m1': { superseded: false, silent: true } });
  });

  it('sees an occurrence superseded by a later one of its room in which somebody is or was', async () => {
    await arrived(10, joined);
    await arrived(10, { ...joined, meeting: 'm2', at: 9_000 });
    await arrived(10, { ...joined, meeting: 'other', room: 'room2', at: 1_500 });
    expect(await found(await find())).toEqual({
      'i:m1': { superseded: true, silent: false },
      'i:m2': { superseded: false, silent: false },
      'i:other': { superseded: false, silent: false },
    });
  });

  it('does not take news of an old recording for a later occurrence', async () => {
    await arrived(10, joined);
    await arrived(10, { kind: 'noted', at: 9_000, meeting: 'old' });
    expect((await found(await find()))['i:m1']).toEqual({ superseded: false, silent: false });
  });

  it('comes in pages', async () => {
    for (let n = 0; n < 5; n += 1) await arrived(10, { ...joined, meeting: `p${n}`, room: `r${n}` });
    const ids: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await find({ limit: 2, after });
      ids.push(...page.map(({ id }) => id));
      after = page.at(-1)?.id;
      if (page.length < 2) break;
    }
    expect(ids).toEqual((await find()).map(({ id }) => id));
    expect(ids).toHaveLength(5);
  });
});

describe('a presumed end', () => {
  it('is not set where something arrived after the evidence was gathered', async () => {
    await arrived(10, joined);
    await arrived(0, { ...joined, kind: 'message', at: 2_000 });
    expect(await presumeEnd(fixture.store, await idOf('m1'), 'not_running', 5 * MINUTE)).toBe(false);
    expect(await meetingOf('m1')).toMatchObject({ presumedEnd: null, status: 'running' });
  });

  it.each(['not_running', 'silence'] as const)(
    'by %s closes sessions at the last event that shows the meeting going on',
    async (by) => {
      await arrived(10, joined, { ...joined, via: 'w_b', user: '43', at: 5_000 }, { kind: 'noted', at: 900_000 });
      expect(await presumeEnd(fixture.store, await idOf('m1'), by, 5 * MINUTE)).toBe(true);
      const sessions = await sessionsByPerson(fixture.store);
      expect(sessions['i:m1/42']).toMatchObject([{ inAt: 1_000, outAt: 5_000, closedBy: by }]);
      expect(sessions['i:m1/43']).toMatchObject([{ inAt: 5_000, outAt: 5_000, closedBy: by }]);
      expect(await meetingOf('m1')).toMatchObject({ presumedEnd: by, status: 'ended', closedAt: new Date(5_000) });
    },
  );

  it('stands when an event is only noted afterwards, about the meeting or a person', async () => {
    await arrived(10, joined);
    await presumeEnd(fixture.store, await idOf('m1'), 'silence');
    const before = await sessionsByPerson(fixture.store);
    await arrived(0, { kind: 'noted', at: 800_000 });
    await arrived(
      0,
      { kind: 'noted', at: 900_000, via: 'w_a', user: '42' },
      { kind: 'noted', at: 900_000, via: 'w_z', user: '99' },
    );
    await arrived(0, {
      kind: 'recording_announced',
      at: 950_000,
      details: { recording: { url: 'https://e.org/1', formatType: 'video' } },
    });
    expect(await sessionsByPerson(fixture.store)).toEqual({ ...before, 'i:m1/99': [] });
    expect(await meetingOf('m1')).toMatchObject({ presumedEnd: 'silence', status: 'ended', closedAt: new Date(1_000) });
  });

  it.each(['m1', null])(
    'has no time where nothing shows that the meeting %s ever went on, so that late news of an earlier time moves nothing',
    async (meeting) => {
      const noted = { kind: 'noted', meeting, user: '99', ...(meeting === null ? {} : { via: 'w_z' }) } as const;
      await arrived(10, { ...noted, at: 5_000 });
      const { id } = await fixture.store.prisma.conferenceMeeting.findFirstOrThrow();
      expect(await presumeEnd(fixture.store, String(id), 'silence')).toBe(true);
      await arrived(0, { ...noted, at: 1_000 }, { ...noted, at: 9_000 });
      expect(await fixture.store.prisma.conferenceMeeting.findMany()).toMatchObject([
        { presumedEnd: 'silence', status: 'ended', closedAt: null, createdAt: new Date(1_000) },
      ]);
      expect(await differencesOf(fixture.store)).toEqual([]);
    },
  );

  it('is lifted by what happened in the meeting, also where it happened before the mark', async () => {
    await arrived(10, joined);
    await presumeEnd(fixture.store, await idOf('m1'), 'silence');
    await arrived(0, { ...joined, kind: 'message', at: 500 });
    expect(await meetingOf('m1')).toMatchObject({ presumedEnd: null, status: 'running', closedAt: null });
    expect((await sessionsByPerson(fixture.store))['i:m1/42']).toMatchObject([{ inAt: 500, outAt: null, messages: 1 }]);
  });

  it('gives way to the end itself', async () => {
    await arrived(10, joined);
    await presumeEnd(fixture.store, await idOf('m1'), 'silence');
    await arrived(0, { kind: 'meeting_ended', at: 7_000 });
    expect(await meetingOf('m1')).toMatchObject({ presumedEnd: null, status: 'ended', closedAt: new Date(7_000) });
    expect((await sessionsByPerson(fixture.store))['i:m1/42']).toMatchObject([{ outAt: 7_000, closedBy: 'meeting_ended' }]);
  });
});
