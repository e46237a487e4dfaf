import { activityFigures, writeLoad } from '@bbb-activity/store/activity-figures';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { attendance } from '@bbb-activity/store/attendance';
import { listMeetings } from '@bbb-activity/store/meeting-queries';
import { meetingDetail, participantsOf } from '@bbb-activity/store/participant-queries';
import { EVERYTHING, type ReadScope } from '@bbb-activity/store/read-scope';
import { deleteRoster, putRoster, readRoster } from '@bbb-activity/store/rosters';
import { timelineOf } from '@bbb-activity/store/timeline-queries';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, event, type StoreFixture } from './store-fixture.js';

let fixture: StoreFixture;
const T = Date.UTC(2026, 0, 5, 8);
const NOW = T + 100_000;
const ids = new Map<string, string>();
const id = (key: string) => ids.get(key) ?? '';

beforeAll(async () => {
  fixture = await createStore();
  const main = { meeting: 'main', room: 'course' };
  const of = (user: string, via: string) => ({ ...main, user, via });
  await applyBatch(
    fixture.store,
    [
      event({ ...main, kind: 'meeting_created', at: T, details: { meeting: { title: 'Course' } } }),
      event({ ...of('1', 'w_1'), kind: 'joined', at: T + 1_000, name: 'Ada' }),
      event({ ...of('1', 'w_1'), kind: 'microphone_opened', at: T + 2_000 }),
      event({ ...of('1', 'w_1'), kind: 'microphone_closed', at: T + 4_500 }),
      event({ ...of('1', 'w_1'), kind: 'camera_started', at: T + 3_000, details: { stream: 'a' } }),
      event({ ...of('1', 'w_1'), kind: 'camera_started', at: T + 5_000, details: { stream: 'b' } }),
      event({ ...of('1', 'w_1'), kind: 'camera_stopped', at: T + 6_000, details: { stream: 'a' } }),
      event({ ...of('1', 'w_1'), kind: 'message', at: T + 7_000 }),
      event({ ...of('1', 'w_1'), kind: 'left', at: T + 10_400 }),
      event({ ...of('1', 'w_1b'), kind: 'joined', at: T + 20_000 }),
      event({ ...of('1', 'w_1b'), kind: 'talk_started', at: T + 21_000 }),
      event({ ...of('2', 'w_2'), kind: 'joined', at: T + 2_000, name: 'Bob' }),
      event({ ...of('2', 'w_2'), kind: 'reaction', at: T + 2_500, details: { emoji: '👍' } }),
      event({ ...of('2', 'w_2'), kind: 'hand_raised', at: T + 2_600, details: { hand: 'raise' } }),
      event({ ...main, kind: 'message', at: T + 9_000, via: 'w_2' }),
      event({ ...main, kind: 'left', at: T + 30_000, via: 'w_2' }),
      event({
        meeting: 'side',
        room: 'side-room',
        kind: 'meeting_created',
        at: T + 40_000,
        details: { meeting: { title: 'Group 1', isBreakout: true, parentInternalId: 'main' } },
      }),
      event({ meeting: 'earlier', room: 'course', user: '2', name: 'Robert', kind: 'joined', at: T - 86_400_000 }),
      event({ meeting: 'earlier', room: 'course', kind: 'meeting_ended', at: T - 86_400_000 + 60_500 }),
      event({ meeting: 'other', room: 'course', user: '1', kind: 'joined', at: T, accessUrlId: 2 }),
    ],
    { policy: 'register' },
  );
  for (const meeting of (await listMeetings(fixture.store, EVERYTHING)).items)
    ids.set(meeting.internalMeetingId ?? '', meeting.id);
});
afterAll(() => fixture.close());

const LIMITED: ReadScope = { accessUrlId: 2, meetingId: null };

describe('a meeting', () => {
  it('is told with sums that its people add up to, its breakout rooms, and of these the parent', async () => {
    const detail = await meetingDetail(fixture.store, EVERYTHING, id('main'), NOW);
    expect(detail?.people.map(({ name, onlineSeconds, sessions }) => [name, onlineSeconds, sessions])).toEqual([
      ['Ada', 89, 2],
      ['Bob', 28, 1],
    ]);
    expect(detail).toMatchObject({
      totals: {
        sessions: 3,
        onlineSeconds: 117,
        microphoneSeconds: 2,
        cameraSeconds: 7,
        talkSeconds: 81,
        talkSource: 'mixed',
        messages: 2,
        reactionsBreakdown: { '👍': 1 },
        hands: 1,
      },
      journal: true,
      presumedEnd: null,
      parent: null,
      breakouts: [{ title: 'Group 1', isBreakout: true, parentId: id('main') }],
    });
    expect((await meetingDetail(fixture.store, EVERYTHING, id('side'), NOW))?.parent).toMatchObject({ id: id('main') });
  });

  it('is not there for who may not read it', async () => {
    expect(await meetingDetail(fixture.store, LIMITED, id('main'), NOW)).toBeNull();
    expect(await participantsOf(fixture.store, LIMITED, id('main'), NOW)).toBeNull();
    expect(await timelineOf(fixture.store, LIMITED, id('main'), NOW)).toBeNull();
    expect(await meetingDetail(fixture.store, LIMITED, id('other'), NOW)).not.toBeNull();
    // Of a link to the breakout room the parent is not opened too.
    const link = await meetingDetail(fixture.store, { accessUrlId: null, meetingId: id('side') }, id('side'), NOW);
    expect(link).toMatchObject({ parent: null, breakouts: [] });
    // Of a link to the parent they are told, and not opened.
    const main: ReadScope = { accessUrlId: null, meetingId: id('main') };
    expect(await meetingDetail(fixture.store, main, id('main'), NOW)).toMatchObject({ breakouts: [{ title: 'Group 1' }] });
    expect(await meetingDetail(fixture.store, main, id('side'), NOW)).toBeNull();
  });
});

describe('the timeline of a meeting', () => {
  it('tells the intervals that add up to the numbers, and the marks that were counted', async () => {
    const timeline = await timelineOf(fixture.store, EVERYTHING, id('main'), NOW);
    expect(timeline?.journal).toBe(true);
    expect(timeline?.people).toEqual([
      {
        externalUserId: '1',
        name: 'Ada',
        presence: [
          [T + 1_000, T + 10_400],
          [T + 20_000, null],
        ],
        talk: [[T + 21_000, null]],
        microphone: [[T + 2_000, T + 4_500]],
        camera: [[T + 3_000, T + 10_400]],
        screenshare: [],
        messages: [T + 7_000],
        reactions: [],
        hands: [],
        pollAnswers: [],
      },
      {
        externalUserId: '2',
        name: 'Bob',
        presence: [[T + 2_000, T + 30_000]],
        talk: [],
        microphone: [],
        camera: [],
        screenshare: [],
        messages: [T + 9_000],
        reactions: [{ at: T + 2_500, emoji: '👍' }],
        hands: [T + 2_600],
        pollAnswers: [],
      },
    ]);
  });

  it('is presence alone, and says so, where retention emptied the journal', async () => {
    await fixture.store.prisma.conferenceMeeting.update({ where: { id: BigInt(id('earlier')) }, data: { sealedAt: new Date() } });
    const timeline = await timelineOf(fixture.store, EVERYTHING, id('earlier'), NOW);
    expect(timeline).toMatchObject({
      journal: false,
      people: [{ name: 'Robert', presence: [[T - 86_400_000, T - 86_400_000 + 60_500]] }],
    });
  });
});

describe('attendance', () => {
  it('of a room has its meetings, its people with the seconds of each meeting, and the roster', async () => {
    await putRoster(fixture.store, 1, 'course', [
      { externalUserId: '2', name: 'Bob B.' },
      { externalUserId: '3', name: 'Cleo' },
    ]);
    const told = await attendance(fixture.store, EVERYTHING, { accessUrlId: 1, of: { remoteId: 'course' } }, NOW);
    expect(told.meetings.map((one) => [one.id, one.durationSeconds])).toEqual([
      [id('earlier'), 60],
      [id('main'), 100],
    ]);
    expect(told.people).toEqual([
      { externalUserId: '1', name: 'Ada', expected: false, onlineSeconds: [null, 89] },
      { externalUserId: '2', name: 'Bob', expected: true, onlineSeconds: [60, 28] },
      { externalUserId: '3', name: 'Cleo', expected: true, onlineSeconds: [null, null] },
    ]);
    const detail = await participantsOf(fixture.store, EVERYTHING, id('main'), NOW);
    expect(detail).toMatchObject({ expected: 2, absentees: [{ externalUserId: '3', name: 'Cleo' }] });
  });

  it('of a person has that person alone, and within the time that is asked for', async () => {
    const of = { person: '2' };
    const told = await attendance(fixture.store, EVERYTHING, { accessUrlId: 1, of }, NOW);
    expect(told.people.map(({ onlineSeconds }) => onlineSeconds)).toEqual([[60, 28]]);
    const later = await attendance(fixture.store, EVERYTHING, { accessUrlId: 1, of, from: T - 1, to: T + 1 }, NOW);
    expect(later.meetings.map((one) => one.id)).toEqual([id('main')]);
  });

  it('of another access URL than may be read is empty, its roster too', async () => {
    const nothing = { meetings: [], people: [], truncated: false };
    expect(await attendance(fixture.store, LIMITED, { accessUrlId: 1, of: { remoteId: 'course' } }, NOW)).toEqual(nothing);
    const link: ReadScope = { accessUrlId: null, meetingId: id('main') };
    expect(await attendance(fixture.store, link, { accessUrlId: 1, of: { remoteId: 'course' } }, NOW)).toEqual(nothing);
  });
});

describe('a roster', () => {
  it('is what was put last, of a person named twice the last naming, and goes', async () => {
    await putRoster(fixture.store, 1, 'r', [{ externalUserId: 'a', name: 'A' }]);
    await putRoster(fixture.store, 1, 'r', [
      { externalUserId: '10', name: 'Z' },
      { externalUserId: '9', name: null },
      { externalUserId: '10', name: 'B' },
    ]);
    expect((await readRoster(fixture.store, 1, 'r'))?.people).toEqual([
      { externalUserId: '9', name: null },
      { externalUserId: '10', name: 'B' },
    ]);
    expect(await readRoster(fixture.store, 2, 'r')).toBeNull();
    expect(await deleteRoster(fixture.store, 1, 'r')).toBe(true);
    expect(await deleteRoster(fixture.store, 1, 'r')).toBe(false);
    expect(await readRoster(fixture.store, 1, 'r')).toBeNull();
  });
});

describe('the figures of what goes on', () => {
  it('count meetings, people, joins since midnight of a zone and events, of what may be read', async () => {
    const now = Date.now();
    await applyBatch(fixture.store, [event({ meeting: 'today', kind: 'joined', at: now, user: '7', accessUrlId: 3 })], {
      policy: 'register',
    });
    const scope: ReadScope = { accessUrlId: 3, meetingId: null };
    expect(await activityFigures(fixture.store, scope, { timeZone: 'Europe/Paris' })).toEqual({
      activeMeetings: 1,
      connectedNow: 1,
      joinsToday: 1,
      eventsLast24h: 1,
    });
    expect(await activityFigures(fixture.store, EVERYTHING, { timeZone: 'UTC', accessUrlId: 1 })).toMatchObject({
      activeMeetings: 2,
      connectedNow: 1,
      joinsToday: 0,
      eventsLast24h: 19,
    });
    expect(await activityFigures(fixture.store, LIMITED, { timeZone: 'UTC', accessUrlId: 1 })).toMatchObject({
      activeMeetings: 0,
    });
    await expect(activityFigures(fixture.store, EVERYTHING, { timeZone: 'Nowhere/Land' })).rejects.toMatchObject({
      code: 'unknown_time_zone',
    });
    expect(await writeLoad(fixture.store)).toEqual({ transactions: 2, events: 21 });
  });
});
