import { randomBytes } from 'node:crypto';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { eraseMeeting, findMeetingsToErase } from '@bbb-activity/store/erase-meeting';
import { isMeetingErased } from '@bbb-activity/store/erased';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databaseTexts, find } from '../../support/stored-text.js';
import { createStore, event, type StoreFixture, sessionsByPerson } from './store-fixture.js';

const KEY = randomBytes(32);
const T = 1_795_471_485_000;

describe('erasing a meeting', () => {
  let fixture: StoreFixture;

  beforeAll(async () => {
    fixture = await createStore();
  });
  afterEach(async () => {
    await fixture.store.prisma.$executeRawUnsafe(
      'TRUNCATE conference_meeting, conference_event, erased_person, erased_meeting, erasure_key RESTART IDENTITY CASCADE',
    );
  });
  afterAll(() => fixture.close());

  const apply = (...events: Parameters<typeof applyBatch>[1]) =>
    applyBatch(fixture.store, events, { policy: 'register', erasureKey: KEY });
  const joined = (meeting: string | null, at = T) =>
    event({ kind: 'joined', at, meeting, via: 'w_1', user: 'user-1', name: 'Ada', room: 'room-of-both' });
  const recorded = event({
    kind: 'recording_announced',
    at: T,
    meeting: 'meeting-one',
    details: { recording: { url: 'https://bbb.example.com/recorded', formatType: 'video' } },
  });

  async function eraseAll(id: string): Promise<object[]> {
    const outcomes: object[] = [];
    for (const meeting of await findMeetingsToErase(fixture.store, 1, id)) {
      outcomes.push(await eraseMeeting(fixture.store, KEY, meeting));
    }
    return outcomes;
  }

  it('leaves nothing of it, and everything of the others', async () => {
    await apply(joined('meeting-one'), recorded, joined('meeting-two'));
    expect(await eraseAll('meeting-one')).toEqual([{ events: 2, participants: 1, rows: 1, recordings: 1 }]);
    expect(find(['meeting-one', 'recorded'], await databaseTexts(fixture.database.url))).toEqual([]);
    expect(Object.keys(await sessionsByPerson(fixture.store))).toEqual(['i:meeting-two/user-1']);
  });

  it('drops its later events and applies their neighbours', async () => {
    await apply(joined('meeting-one'));
    await eraseAll('meeting-one');
    const outcome = await apply(joined('meeting-one'), joined('meeting-one', T + 1), joined('meeting-two'));
    expect(outcome).toMatchObject({ events: 3, erased: 2, fresh: 1, duplicates: 0 });
    expect(await fixture.store.prisma.conferenceMeeting.count()).toBe(1);
    expect(await isMeetingErased(fixture.store, KEY, 1, 'meeting-one')).toBe(true);
    expect(await isMeetingErased(fixture.store, KEY, 2, 'meeting-one')).toBe(false);
  });

  it('goes by the external id for all occurrences of a room, and a flat one can begin anew', async () => {
    await apply(joined('meeting-one'), joined('meeting-two'), joined(null));
    expect(await eraseAll('room-of-both')).toHaveLength(3);
    expect(await fixture.store.prisma.conferenceEvent.count()).toBe(0);
    await apply(joined('meeting-two', T + 1), joined(null, T + 1));
    expect(Object.keys(await sessionsByPerson(fixture.store))).toEqual(['x:room-of-both/user-1']);
  });

  it('finds none of an unknown id or of another access URL', async () => {
    await apply(joined('meeting-one'));
    expect(await findMeetingsToErase(fixture.store, 1, 'meeting-none')).toEqual([]);
    expect(await findMeetingsToErase(fixture.store, 2, 'meeting-one')).toEqual([]);
  });

  it('goes on where it was killed, beside batches that run', async () => {
    const events = Array.from({ length: 40 }, (_, index) => joined('meeting-one', T + index));
    const batches = (async () => {
      for (const one of events) await apply(one);
    })();
    await eraseAll('meeting-one');
    await batches;
    await eraseAll('meeting-one');
    expect(await fixture.store.prisma.conferenceMeeting.count()).toBe(0);
    expect(await fixture.store.prisma.conferenceEvent.count()).toBe(0);
  });
});
