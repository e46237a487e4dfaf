import { applyBatch } from '@bbb-activity/store/apply-batch';
import { getMeeting, listMeetings } from '@bbb-activity/store/meeting-queries';
import { participantsOf } from '@bbb-activity/store/participant-queries';
import { EVERYTHING } from '@bbb-activity/store/read-scope';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, event, type StoreFixture } from './store-fixture.js';

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
  const meetings = Array.from({ length: 7 }, (_, index) =>
    // Two begin at the same time: the id decides between them.
    event({
      kind: 'joined',
      at: index === 3 ? 2_000 : index * 1_000,
      meeting: `m${index}`,
      room: `room${index % 2}`,
      user: '42',
      name: 'Zoe',
    }),
  );
  await applyBatch(
    fixture.store,
    [
      ...meetings,
      event({ kind: 'talk_started', at: 1_500, meeting: 'm0', room: null, via: 'w_x', name: 'Ada' }),
      event({ kind: 'microphone_opened', at: 4_000, meeting: 'm0', room: null, user: '42' }),
      event({ kind: 'reaction', at: 4_500, meeting: 'm0', room: null, user: '42', details: { emoji: '👍' } }),
      event({ kind: 'left', at: 9_999, meeting: 'm0', room: null, via: 'w_late' }),
    ],
    { policy: 'register' },
  );
});
afterAll(() => fixture.close());

describe('listMeetings', () => {
  it('pages through all meetings, newest first, each once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMeetings(fixture.store, EVERYTHING, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map((item) => item.internalMeetingId ?? ''));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['m6', 'm5', 'm4', 'm3', 'm2', 'm1', 'm0']);
  });

  it('gives the meetings of one room, titled by the room where no title was told', async () => {
    const { items, nextCursor } = await listMeetings(fixture.store, EVERYTHING, { remoteId: 'room1' });
    expect(items.map((item) => item.internalMeetingId)).toEqual(['m5', 'm3', 'm1']);
    expect(items[2]).toMatchObject({
      remoteId: 'room1',
      title: 'room1',
      status: 'running',
      createdAt: new Date(1_000),
      closedAt: null,
    });
    expect(nextCursor).toBeNull();
  });

  it('refuses a cursor that it did not give', async () => {
    await expect(listMeetings(fixture.store, EVERYTHING, { cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});

describe('getMeeting', () => {
  it('gives null for an id that is none', async () => {
    expect(await getMeeting(fixture.store, EVERYTHING, 'm0')).toBeNull();
    expect(await getMeeting(fixture.store, EVERYTHING, '999999')).toBeNull();
    expect(await participantsOf(fixture.store, EVERYTHING, '999999', 0)).toBeNull();
  });
});

describe('participantsOf', () => {
  it('tells the numbers at a time, by name, and leaves out who took no part', async () => {
    const { items } = await listMeetings(fixture.store, EVERYTHING, { remoteId: 'room0' });
    const id = items.at(-1)?.id ?? '';
    expect(await getMeeting(fixture.store, EVERYTHING, id)).toMatchObject({ internalMeetingId: 'm0' });
    const found = await participantsOf(fixture.store, EVERYTHING, id, 10_600);
    expect(found).toMatchObject({ expected: null, absentees: [], meeting: { online: 2, participants: 2, running: true } });
    expect(found?.meeting.durationSeconds).toBe(10);
    const none = { screenshareSeconds: 0, cameraSeconds: 0, messages: 0, hands: 0, pollAnswers: 0, online: true, sessions: 1 };
    expect(found?.people).toEqual([
      {
        ...none,
        externalUserId: 'w_x',
        name: 'Ada',
        onlineSeconds: 9,
        talkSeconds: 9,
        talkSource: 'talking',
        microphoneSeconds: 0,
        reactions: 0,
        reactionsBreakdown: {},
        firstJoinedAt: 1_500,
        lastLeftAt: null,
        sessionList: [expect.objectContaining({ inAt: 1_500, outAt: null })],
      },
      {
        ...none,
        externalUserId: '42',
        name: 'Zoe',
        onlineSeconds: 10,
        talkSeconds: 6,
        talkSource: 'microphone',
        microphoneSeconds: 6,
        reactions: 1,
        reactionsBreakdown: { '👍': 1 },
        firstJoinedAt: 0,
        lastLeftAt: null,
        sessionList: [expect.objectContaining({ inAt: 0, outAt: null })],
      },
    ]);
  });
});
