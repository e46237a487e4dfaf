import type { ActivityFacts, MeetingFacts } from '@bbb-activity/events/conference-event';
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
const announced = (signedSeconds: number, meeting: MeetingFacts) =>
  event({ kind: 'meeting_announced', at: signedSeconds * 1_000, details: { signedSeconds, meeting } });
const activity = (signedSeconds: number, facts: Partial<ActivityFacts>) =>
  event({
    kind: 'activity',
    at: 5_000,
    user: '42',
    details: {
      signedSeconds,
      activity: {
        event: 'signed',
        type: 'attendance',
        inAt: null,
        outAt: null,
        close: null,
        activityData: null,
        signatureFile: null,
        signedAt: null,
        ...facts,
      },
    },
  });

describe('announcements of a meeting', () => {
  it('give it the fields of the request signed last, in whatever order they arrive', async () => {
    const first = announced(10, { title: 'Old', provider: 'bbb', courseId: 3, status: 'scheduled' });
    const second = announced(20, { title: 'New', record: true, status: 'waiting' });
    await apply(second);
    await apply(first);
    const meeting = await fixture.store.prisma.conferenceMeeting.findFirst();
    expect(meeting).toMatchObject({ title: 'New', record: true, cId: 3, status: 'waiting', announcedAt: new Date(20_000) });
  });

  it('do not reopen a meeting that was heard to end', async () => {
    await apply(event({ kind: 'meeting_ended', at: 60_000 }), announced(70, { status: 'running' }));
    expect(await fixture.store.prisma.conferenceMeeting.findFirst()).toMatchObject({
      status: 'ended',
      closedAt: new Date(60_000),
    });
  });

  it('count over what the server itself told when it made the meeting', async () => {
    await apply(announced(10, { title: 'Algebra' }));
    await apply(event({ kind: 'meeting_created', at: 90_000, details: { meeting: { title: 'bbb-room', isBreakout: true } } }));
    expect(await fixture.store.prisma.conferenceMeeting.findFirst()).toMatchObject({ title: 'Algebra', isBreakout: true });
  });
});

describe('recordings', () => {
  it('are kept once for each format and address', async () => {
    const recording = { url: 'https://bbb.example/playback/1', formatType: 'presentation' };
    await apply(event({ kind: 'recording_announced', at: 1, details: { recording } }));
    await apply(event({ kind: 'recording_announced', at: 2, details: { recording } }));
    expect(await fixture.store.prisma.conferenceRecording.findMany()).toMatchObject([recording]);
  });
});

describe('activities', () => {
  it('are rows of their own type and event, untouched by sessions', async () => {
    await apply(activity(1, { inAt: 5_000, activityData: 'page 2', signatureFile: 'a.png', signedAt: 6_000 }));
    await apply(event({ kind: 'joined', at: 1_000, user: '42' }), event({ kind: 'left', at: 2_000, user: '42' }));
    const rows = await fixture.store.prisma.conferenceActivity.findMany({ orderBy: { type: 'asc' } });
    expect(rows).toMatchObject([
      {
        type: 'attendance',
        event: 'signed',
        inAt: new Date(5_000),
        activityData: 'page 2',
        signatureFile: 'a.png',
        ordinal: null,
      },
      { type: 'participant', event: 'joined', inAt: new Date(1_000), outAt: new Date(2_000), close: true, ordinal: 0 },
    ]);
  });

  it('of one participant, event and time are one row: the request signed last', async () => {
    const [earlier, later] = [activity(1, { inAt: 5_000 }), activity(2, { inAt: 5_000, outAt: 8_000, close: true })];
    const expected = [{ outAt: new Date(8_000), close: true }];
    await apply(later, earlier);
    expect(await fixture.store.prisma.conferenceActivity.findMany()).toMatchObject(expected);
    await emptyTables(fixture.store);
    await apply(later);
    await apply(earlier);
    expect(await fixture.store.prisma.conferenceActivity.findMany()).toMatchObject(expected);
  });
});
