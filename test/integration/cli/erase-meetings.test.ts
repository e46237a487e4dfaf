import { eraseMeetings } from '@bbb-activity/app-cli/erase-meetings';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { PersonalDataFixture } from './personal-data.js';

const joined = (meeting: string | null, room: string | null = 'room-one', at = 1_000) =>
  event({ kind: 'joined', at, meeting, room, via: 'w_1', user: '42', name: 'Ada' });

describe('erasing meetings', () => {
  let fixture: PersonalDataFixture;
  let told: string[];

  beforeEach(async () => {
    fixture = await PersonalDataFixture.create('redis');
    told = [];
  });
  afterEach(() => fixture.close());

  const erase = (id: string, loose = false) => eraseMeetings(fixture.data, id, { loose, print: (line) => void told.push(line) });
  const apply = (...events: ReturnType<typeof event>[]) =>
    applyBatch(fixture.data.store, events, { policy: 'register', erasureKey: fixture.data.erasureKey });

  it('reaches one that is in the queue and the dead letters alone, and drops what comes later of it', async () => {
    await fixture.queue(joined('m1'), joined('m2'));
    await fixture.letter(joined('m1', null, 2_000));
    expect(await erase('m1')).toBe(true);
    expect(told).toEqual([
      'meetings: 0',
      'participants: 0, with 0 rows of activity',
      'recordings announced: 0',
      'events of the journal: 0',
      'entries of the history of hooks: 0',
      'queued jobs: 1',
      'dead letters: 1, and 0 that could not be read',
      'it was in the queue alone, and not in the database',
    ]);
    expect(await apply(joined('m1'), joined('m2'))).toMatchObject({ erased: 1, fresh: 1 });
    await expect(erase('m3')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('goes by the external id for all of a room, wherever each is', async () => {
    await apply(joined('m1'));
    await fixture.queue(joined('m2'), joined('m2', null, 2_000), joined(null), joined('m4', 'room-two'));
    await fixture.letter(joined('m3'));
    expect(await erase('room-one')).toBe(true);
    expect(told).toEqual(expect.arrayContaining(['meetings: 1', 'queued jobs: 3', expect.stringMatching(/^dead letters: 1,/)]));
    expect(await apply(joined('m2'), joined('m3'), joined('m4', 'room-two'))).toMatchObject({ erased: 2, fresh: 1 });
  });

  it('takes the room out of the history of hooks, once nothing of the room is kept', async () => {
    const { store } = fixture.data;
    await apply(joined('m1'), joined('m2'));
    const records = new HookLedger(store).records(1);
    const entry = {
      event: 'lost',
      reason: 'not_listed',
      target: 'room-one',
      hookId: '1',
      at: 1_000,
      from: 1_000,
      to: 2_000,
      meetings: ['room-one'],
    };
    await records.tell(entry);
    await records.tell({ ...entry, target: null, meetings: ['other', 'room-one'] });
    await records.tell({ ...entry, target: 'other', meetings: ['other'] });
    await erase('m1');
    expect(await records.history(9)).toHaveLength(3);
    await erase('m2');
    expect(told).toContain('entries of the history of hooks: 1');
    expect((await records.history(9)).map(({ meetings }) => meetings)).toEqual([['other'], ['other']]);
  });

  it('takes no id that is one meeting of the queue and the room of another for either, unless told which', async () => {
    await apply(joined('m1', 'm2'));
    await fixture.queue(joined('m2', 'room-two'));
    await expect(erase('m2')).rejects.toMatchObject({ code: 'ambiguous_meeting' });
    expect(told).toEqual([]);
    await erase('internal:m2');
    expect(await fixture.data.store.prisma.conferenceMeeting.count()).toBe(1);
    expect(told).toContain('queued jobs: 1');
    await erase('external:m2');
    expect(await fixture.data.store.prisma.conferenceMeeting.count()).toBe(0);
  });

  it('takes the id that the read API tells, and no flat meeting without the others of its room', async () => {
    await apply(joined('m1'), joined('m2'), joined(null, 'flat-room'));
    const ids = await fixture.data.store.prisma.conferenceMeeting.findMany({ orderBy: { id: 'asc' } });
    const idOf = (internal: string | null) => String(ids.find(({ internalMeetingId }) => internalMeetingId === internal)?.id);
    await erase(idOf('m1'));
    await erase(`id:${idOf('m2')}`);
    expect(await fixture.data.store.prisma.conferenceMeeting.findMany()).toMatchObject([{ internalMeetingId: null }]);
    await expect(erase(idOf(null))).rejects.toMatchObject({ code: 'whole_room' });
    await expect(erase('id:4711')).rejects.toMatchObject({ code: 'not_found' });
    await erase('external:flat-room');
    expect(await fixture.data.store.prisma.conferenceMeeting.count()).toBe(0);
  });

  it('removes letters that nobody can read where they tell its id, and tells of those that it could not open', async () => {
    await apply(joined('m1'));
    await fixture.sealed('{"internal-meeting-id":"m1","x', '{"room":"m1"}', '{"meetingID":"m2"}');
    await fixture.sealedOtherwise();
    expect(await erase('m1')).toBe(false);
    expect(told).toContain('dead letters: 0, and 1 that could not be read');
    expect(told.slice(-2)).toEqual([
      expect.stringMatching(/^1 dead letters hold such a word/),
      expect.stringMatching(/^1 dead letters are sealed under another key/),
    ]);
    expect(await fixture.letters.count()).toBe(3);
    await erase('m1', true);
    expect(await fixture.letters.count()).toBe(2);
  });

  it('goes on past a job that cannot be decoded, and tells of it', async () => {
    await apply(joined('m1'));
    await fixture.queue(joined('m1', null, 2_000), joined('m1', null, 3_000), joined('m1', null, 4_000));
    const place = await fixture.spoilJob();
    expect(await erase('m1')).toBe(false);
    expect(told).toContain('queued jobs: 2');
    expect(told.at(-1)).toContain(place);
    expect(await fixture.data.store.prisma.conferenceMeeting.count()).toBe(0);
  });
});
