import { applyBatch } from '@bbb-activity/store/apply-batch';
import { getMeeting, listMeetings, participantsOf } from '@bbb-activity/store/meeting-queries';
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
      const page = await listMeetings(fixture.store, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map((item) => item.internalMeetingId ?? ''));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['m6', 'm5', 'm4', 'm3', 'm2', 'm1', 'm0']);
  });

  it('gives the meetings of one room, titled by the room where no title was told', async () => {
    const { items, nextCursor } = await listMeetings(fixture.store, { remoteId: 'room1' });
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
    await expect(listMeetings(fixture.store, { cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});

describe('getMeeting', () => {
  it('gives null for an id that is none', async () => {
    expect(await getMeeting(fixture.store, 'm0')).toBeNull();
    expect(await getMeeting(fixture.store, '999999')).toBeNull();
    expect(await participantsOf(fixture.store, '999999', 0)).toBeNull();
  });
});

describe('participantsOf', () => {
  it('tells the numbers at a time, by name, and leaves out who took no part', async () => {
    const { items } = await listMeetings(fixture.store, { remoteId: 'room0' });
    const id = items.at(-1)?.id ?? '';
    expect(await getMeeting(fixture.store, id)).toMatchObject({ internalMeetingId: 'm0' });
    expect(await participantsOf(fixture.store, id, 10_600)).toEqual([
      {
        externalUserId: 'w_x',
        name: 'Ada',
        sessions: 1,
        onlineSeconds: 9,
        talkSeconds: 9,
        talkSource: 'talking',
        microphoneSeconds: 0,
        cameraSeconds: 0,
        messages: 0,
        reactions: 0,
        reactionsBreakdown: {},
        hands: 0,
        online: true,
      },
      {
        externalUserId: '42',
        name: 'Zoe',
        sessions: 1,
        onlineSeconds: 10,
        talkSeconds: 6,
        talkSource: 'microphone',
        microphoneSeconds: 6,
        cameraSeconds: 0,
        messages: 0,
        reactions: 1,
        reactionsBreakdown: { '👍': 1 },
        hands: 0,
        online: true,
      },
    ]);
  });
});
