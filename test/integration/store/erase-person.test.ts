import { randomBytes } from 'node:crypto';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { type ApplyOptions, applyBatch } from '@bbb-activity/store/apply-batch';
import { erasePerson, findPersonToErase } from '@bbb-activity/store/erase-person';
import { checkErasureKey } from '@bbb-activity/store/erased';
import { exportPerson } from '@bbb-activity/store/export-person';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databaseTexts, find } from '../../support/stored-text.js';
import { createStore, event, type StoreFixture, sessionsByPerson } from './store-fixture.js';

const KEY = randomBytes(32);
const T = 1_795_471_485_000;
const PERSON = { accessUrlId: 1, userId: 'user-of-ada' };
const WORDS = ['user-of-ada', 'w_ada', 'Ada Lovelace'];

/** Ada comes twice, on two devices, first before she is tied; Bob stays beside her. */
function script(meeting: string | null = 'm1'): ConferenceEvent[] {
  const ada = { meeting, user: PERSON.userId, name: 'Ada Lovelace' };
  const of = (via: string) => (meeting === null ? null : via);
  return [
    event({ ...ada, kind: 'joined', at: T, via: of('w_ada1') }),
    event({ meeting, kind: 'joined', at: T + 500, via: of('w_bob'), user: 'user-of-bob', name: 'Bob' }),
    event({ ...ada, user: meeting === null ? PERSON.userId : null, kind: 'message', at: T + 1_000, via: of('w_ada2') }),
    event({ ...ada, kind: 'camera_started', at: T + 2_000, via: of('w_ada1'), details: { stream: 'w_ada1_camera' } }),
    event({ ...ada, kind: 'joined', at: T + 3_000, via: of('w_ada2') }),
    event({ ...ada, kind: 'microphone_opened', at: T + 4_000, via: of('w_ada2') }),
    event({ meeting, kind: 'reaction', at: T + 4_500, via: of('w_bob'), user: 'user-of-bob', details: { emoji: '👍' } }),
    event({ ...ada, kind: 'left', at: T + 6_000, via: of('w_ada2') }),
    event({ ...ada, kind: 'camera_stopped', at: T + 7_000, via: of('w_ada1'), details: { stream: 'w_ada1_camera' } }),
    event({ ...ada, kind: 'left', at: T + 9_000, via: of('w_ada1') }),
    event({ ...ada, user: meeting === null ? PERSON.userId : null, kind: 'hand_raised', at: T + 20_000, via: of('w_ada3') }),
    event({ ...ada, kind: 'joined', at: T + 21_000, via: of('w_ada3') }),
  ];
}

describe('erasing a person', () => {
  let fixture: StoreFixture;
  let control: StoreFixture;

  beforeAll(async () => {
    [fixture, control] = await Promise.all([createStore(), createStore()]);
  });
  afterEach(async () => {
    for (const { store } of [fixture, control]) {
      await store.prisma.$executeRawUnsafe(
        'TRUNCATE conference_meeting, conference_event, erased_person, erased_meeting, erasure_key RESTART IDENTITY CASCADE',
      );
    }
  });
  afterAll(() => Promise.all([fixture.close(), control.close()]));

  const apply = (events: readonly ConferenceEvent[], options: Partial<ApplyOptions> = {}) =>
    applyBatch(fixture.store, events, { policy: 'register', erasureKey: KEY, ...options });
  const erase = () => erasePerson(fixture.store, KEY, PERSON);

  /** Nothing of her is there; and every number is as if she had never been erased. */
  async function expectErasedAndEqual(events: readonly ConferenceEvent[]): Promise<void> {
    expect(find(WORDS, await databaseTexts(fixture.database.url))).toEqual([]);
    await applyBatch(control.store, events, { policy: 'register' });
    expect(await anonymous(fixture)).toEqual(await anonymous(control));
    await expectLawful();
  }

  /** Folding the journal anew, under its pseudonyms, gives the rows as they are. */
  async function expectLawful(): Promise<void> {
    for await (const report of rebuildAll(fixture.store, { dryRun: true })) expect(report).toMatchObject({ differences: [] });
  }

  /** Sessions, whoever's they are: those of Bob by name. */
  async function anonymous({ store }: StoreFixture): Promise<unknown> {
    const entries = Object.entries(await sessionsByPerson(store)).map(([person, sessions]) => {
      const [meeting = '', key = ''] = person.split('/');
      return [meeting, key.startsWith('erased-') || key === PERSON.userId ? 'the person' : key, sessions];
    });
    return entries.map((entry) => JSON.stringify(entry)).toSorted();
  }

  it.each(Array.from({ length: 13 }, (_, split) => split))('after %i of twelve events changes no number', async (split) => {
    const events = script();
    if (split > 0) await apply(events.slice(0, split));
    await erase();
    for (const one of events.slice(split)) await apply([one]);
    expect(await apply(events)).toMatchObject({ fresh: 0, duplicates: 12 });
    await expectErasedAndEqual(events);
  });

  it('leaves the name of who shared her connection, and ends where both are erased, one after the other', async () => {
    const shared = [
      event({ kind: 'joined', at: T, via: 'w_ada_shared', user: PERSON.userId, name: 'Ada Lovelace' }),
      event({ kind: 'joined', at: T + 1_000, via: 'w_ada_shared', user: 'user-of-bob', name: 'Bob' }),
    ];
    const later = event({ kind: 'message', at: T + 2_000, via: 'w_ada_shared', user: 'user-of-bob', name: 'Bob' });
    await apply(shared);
    await erase();
    await apply([later]);
    const people = await fixture.store.prisma.participant.findMany({ orderBy: { personKey: 'asc' } });
    expect(people.map(({ personKey, name }) => [personKey.startsWith('erased-') ? 'the person' : personKey, name])).toEqual([
      ['the person', expect.stringMatching(/^erased-/)],
      ['user-of-bob', 'Bob'],
    ]);
    const renamed = await fixture.store.prisma.conferenceEvent.findFirstOrThrow({ where: { externalUserId: 'user-of-bob' } });
    await erasePerson(fixture.store, KEY, { accessUrlId: 1, userId: 'user-of-bob' });
    // What was queued meanwhile holds the pseudonym of the connection and the id of Bob.
    await apply([event({ kind: 'left', at: T + 3_000, via: renamed.internalUserId, user: 'user-of-bob' })]);
    expect(find([...WORDS, 'user-of-bob', 'Bob'], await databaseTexts(fixture.database.url))).toEqual([]);
    await expectLawful();
  });

  it('holds in flat occurrences, where she has no connection of her own', async () => {
    const events = script(null);
    await apply(events.slice(0, 6));
    await erase();
    await apply(events.slice(6));
    await expectErasedAndEqual(events);
  });

  it('gives an event that comes before its tie her pseudonym once the tie comes', async () => {
    await apply([event({ kind: 'joined', at: T, user: PERSON.userId, via: 'w_ada1', name: 'Ada Lovelace' })]);
    await erase();
    const untied = event({ kind: 'message', at: T + 1_000, via: 'w_ada9', name: 'Ada Lovelace' });
    await apply([untied]);
    expect(find(['w_ada9'], await databaseTexts(fixture.database.url))).not.toEqual([]);
    const tie = event({ kind: 'message', at: T + 2_000, via: 'w_ada9', user: PERSON.userId });
    await apply([tie]);
    expect(find(WORDS, await databaseTexts(fixture.database.url))).toEqual([]);
    const people = await fixture.store.prisma.participant.findMany({ include: { activities: true } });
    expect(people).toMatchObject([{ personKey: expect.stringMatching(/^erased-[0-9a-f]{16}$/), activities: [{ messages: 2 }] }]);
  });

  describe('by the internal id that stands for her, before a tie', () => {
    const byConnection = { accessUrlId: 1, userId: 'w_ada1' };
    const untied = [
      event({ kind: 'joined', at: T, via: 'w_ada1', name: 'Ada Lovelace' }),
      event({ kind: 'message', at: T + 1_000, via: 'w_ada1', name: 'Ada Lovelace' }),
    ];
    const tie = event({ kind: 'message', at: T + 2_000, via: 'w_ada1', user: PERSON.userId, name: 'Ada Lovelace' });
    const other = [
      event({ kind: 'joined', at: T + 500, via: 'w_ada2', user: PERSON.userId, name: 'Ada Lovelace' }),
      event({ kind: 'reaction', at: T + 700, via: 'w_ada2', details: { emoji: '👍' } }),
    ];
    const later = event({ kind: 'hand_raised', at: T + 3_000, via: 'w_ada3', user: PERSON.userId, name: 'Ada Lovelace' });
    const orders = [
      ['before her other connection', [tie, ...other, later]],
      ['after her other connection', [...other, tie, later]],
      ['last', [later, ...other, tie]],
    ] as const;

    it.each(orders)('she does not come back when it comes %s', async (_name, events) => {
      await apply(untied);
      await erasePerson(fixture.store, KEY, byConnection);
      for (const one of events) await apply([one]);
      await expectErasedAndEqual([...untied, ...events]);
      const people = await fixture.store.prisma.participant.findMany();
      expect(people).toMatchObject([{ name: expect.stringMatching(/^erased-[0-9a-f]{16}$/) }]);
    });

    it('she keeps the pseudonym of that meeting where she is erased by her external id later, and owns no meeting', async () => {
      const owner = { accessUrlId: 1, userId: '4711' };
      const owned = event({ kind: 'meeting_announced', at: T, details: { meeting: { userId: 4711 }, signedSeconds: 1 } });
      await apply([...untied, owned]);
      await erasePerson(fixture.store, KEY, byConnection);
      await apply([{ ...tie, person: { internalId: 'w_ada1', externalId: '4711', name: 'Ada Lovelace' } }]);
      expect(find(['4711', ...WORDS], await databaseTexts(fixture.database.url))).toEqual([]);
      await apply([event({ kind: 'joined', at: T, meeting: 'm2', via: 'w_ada9', user: '4711', name: 'Ada Lovelace' })]);
      expect(await erasePerson(fixture.store, KEY, owner)).toMatchObject({ meetings: 1 });
      await apply([event({ kind: 'left', at: T + 5_000, via: 'w_ada1', user: '4711', name: 'Ada Lovelace' })]);
      expect(find(['4711', ...WORDS], await databaseTexts(fixture.database.url))).toEqual([]);
      expect(await fixture.store.prisma.participant.count()).toBe(2);
      expect(await fixture.store.prisma.conferenceMeeting.count({ where: { userId: { not: null } } })).toBe(0);
      await expectLawful();
    });

    it('leaves her as she is in other meetings, where nobody named her', async () => {
      await apply([...untied, event({ kind: 'joined', at: T, meeting: 'm2', via: 'w_x', user: PERSON.userId, name: 'Ada' })]);
      await erasePerson(fixture.store, KEY, byConnection);
      await apply([tie]);
      const kept = await fixture.store.prisma.participant.findMany({ where: { personKey: PERSON.userId } });
      expect(kept).toMatchObject([{ name: 'Ada' }]);
      await expectLawful();
    });
  });

  it('gives her one pseudonym in all meetings, and the same when it runs again', async () => {
    await apply([...script('m1'), ...script('m2')]);
    expect(await erase()).toMatchObject({ meetings: 2, connections: 6 });
    await apply([event({ kind: 'joined', at: T, meeting: 'm3', via: 'w_ada4', user: PERSON.userId, name: 'Ada Lovelace' })]);
    expect(await erase()).toEqual({ meetings: 0, events: 0, connections: 0, rosters: 0 });
    const people = await fixture.store.prisma.participant.findMany({ where: { personKey: { startsWith: 'erased-' } } });
    expect(people).toHaveLength(3);
    expect(new Set(people.map(({ personKey }) => personKey)).size).toBe(1);
    expect(people.map(({ name }) => name)).toEqual(people.map(({ personKey }) => personKey));
    expect(await findPersonToErase(fixture.store, KEY, PERSON)).toMatchObject({ occurrenceIds: [], erasedBefore: true });
  });

  it('leaves the same id of another access URL alone', async () => {
    await apply([...script(), event({ kind: 'joined', at: T, accessUrlId: 2, user: PERSON.userId, name: 'Another Ada' })]);
    await erase();
    const kept = await fixture.store.prisma.participant.findMany({ where: { personKey: PERSON.userId } });
    expect(kept).toMatchObject([{ name: 'Another Ada' }]);
  });

  it('reaches meetings that wait, that are presumed ended, and that are sealed', async () => {
    await apply(script('m1'), { policy: 'known' });
    await apply(script('m2'));
    await apply(script('m3'));
    const [, second, third] = await fixture.store.prisma.conferenceMeeting.findMany({ orderBy: { id: 'asc' } });
    await presumeEnd(fixture.store, String(second?.id), 'silence');
    await fixture.store.prisma.conferenceMeeting.updateMany({ where: { id: third?.id ?? 0n }, data: { sealedAt: new Date() } });
    await fixture.store.prisma.conferenceEvent.deleteMany({ where: { meetingId: third?.id ?? 0n } });
    const before = await anonymous(fixture);
    expect(await erase()).toMatchObject({ meetings: 3 });
    expect(find(WORDS, await databaseTexts(fixture.database.url))).toEqual([]);
    expect(await anonymous(fixture)).toEqual(before);
    await expectLawful();
  });

  it('forgets what the platform wrote about her: activity data, a signature, that she owns a meeting', async () => {
    const activity = {
      event: 'quiz',
      type: 'quiz',
      inAt: T,
      outAt: null,
      close: true,
      activityData: '{"by":"Ada Lovelace"}',
      signatureFile: 'signature-of-w_ada',
      signedAt: null,
    };
    const user = { accessUrlId: 1, userId: '4711' };
    const announcement = event({ kind: 'meeting_announced', at: T, details: { meeting: { userId: 4711 }, signedSeconds: 1 } });
    const told = event({ kind: 'activity', at: T, user: '4711', name: 'Ada Lovelace', details: { activity, signedSeconds: 1 } });
    await apply([announcement, told]);
    await erasePerson(fixture.store, KEY, user);
    await apply([
      event({ kind: 'meeting_announced', at: T + 1, details: { meeting: { userId: 4711, title: 'Room' }, signedSeconds: 2 } }),
      event({ kind: 'activity', at: T + 1, user: '4711', details: { activity, signedSeconds: 2 } }),
    ]);
    expect(find([...WORDS, '4711'], await databaseTexts(fixture.database.url))).toEqual([]);
    expect(await fixture.store.prisma.conferenceActivity.findMany()).toMatchObject([
      { event: 'quiz', activityData: null },
      { event: 'quiz', activityData: null },
    ]);
    await expectLawful();
    expect(await fixture.store.prisma.conferenceMeeting.findMany()).toMatchObject([{ title: 'Room', userId: null }]);
  });

  describe.each(['4711', '4712'])('the owner %s, of two that were announced one after the other,', (owner) => {
    const other = owner === '4711' ? '4712' : '4711';
    const announced = (userId: number, seconds: number) =>
      event({ kind: 'meeting_announced', at: T + seconds, details: { meeting: { userId }, signedSeconds: seconds } });

    it('is found, given what told of it, and forgotten, and the other does not take the place', async () => {
      await apply([announced(4711, 1), announced(4712, 2)]);
      const user = { accessUrlId: 1, userId: owner };
      const parts: string[] = [];
      for await (const { sort, json } of exportPerson(fixture.store, user)) parts.push(`${sort} ${json}`);
      expect(parts).toEqual([expect.stringMatching(/^meeting /), expect.stringMatching(/^events .*meeting_announced/)]);
      expect(parts.join()).toContain(owner);
      expect(parts.join()).not.toContain(other);

      expect(await erasePerson(fixture.store, KEY, user)).toMatchObject({ meetings: 1, events: 1 });
      expect(find([owner], await databaseTexts(fixture.database.url))).toEqual([]);
      expect(await fixture.store.prisma.conferenceMeeting.findMany()).toMatchObject([{ userId: owner === '4711' ? 4712 : null }]);
      await expectLawful();
      await apply([announced(Number(owner), 3)]);
      expect(find([owner], await databaseTexts(fixture.database.url))).toEqual([]);
      expect(await fixture.store.prisma.conferenceMeeting.findMany()).toMatchObject([{ userId: null }]);
      await expectLawful();
      expect(await erasePerson(fixture.store, KEY, user)).toMatchObject({ meetings: 0, events: 0 });
    });
  });

  it('lets nothing slip through between batches that run at the same time, and waits for none for ever', async () => {
    const meetings = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'];
    const batches = meetings.flatMap((meeting) => script(meeting).map((one) => [one]));
    const workers = [0, 1, 2, 3].map(async (worker) => {
      for (const [index, batch] of batches.entries()) if (index % 4 === worker) await apply(batch);
    });
    const erasures = (async () => {
      await erase();
      await erase();
    })();
    await Promise.all([...workers, erasures]);
    // A connection whose tie came first is known; of the others each was tied by a later event.
    await expectErasedAndEqual(batches.flat());
  });

  it('is refused under another key than the one before, and so is every batch', async () => {
    await apply(script());
    await erase();
    const other = randomBytes(32);
    const refused = { code: 'erasure_key' };
    await expect(erasePerson(fixture.store, other, PERSON)).rejects.toMatchObject(refused);
    await expect(checkErasureKey(fixture.store, other)).rejects.toMatchObject(refused);
    await expect(checkErasureKey(fixture.store, null)).rejects.toMatchObject(refused);
    await expect(checkErasureKey(fixture.store, KEY)).resolves.toBeUndefined();
    for (const erasureKey of [other, null]) {
      await expect(apply([event({ kind: 'joined', at: T, meeting: 'm9' })], { erasureKey })).rejects.toMatchObject(refused);
    }
  });

  it('needs no key as long as nothing was erased', async () => {
    await expect(checkErasureKey(control.store, null)).resolves.toBeUndefined();
    expect(await apply(script(), { erasureKey: null })).toMatchObject({ fresh: 12, erased: 0 });
  });
});
