import { emptyExpiredJournals } from '@bbb-activity/app-worker/retention';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import type { Store } from '@bbb-activity/store/client';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../support/law/system.js';
import { share } from '../../support/share.js';
import { until } from '../../support/until.js';
import { createStore, emptyTables, event, type StoreFixture, sessionsByPerson } from '../store/store-fixture.js';
import { openWorkerPlace, type WorkerPlace } from './worker-process.js';

const DAY = 86_400_000;
const start = Date.now() - 100 * DAY;

function story(meeting: string, messages = 20): ConferenceEvent[] {
  const of = { meeting, room: `room of ${meeting}`, via: 'w_a', user: '42' };
  return [
    event({ ...of, kind: 'joined', at: start }),
    ...Array.from({ length: messages }, (_, n) => event({ ...of, kind: 'message', at: start + 1_000 + n })),
    event({ kind: 'meeting_ended', at: start + 60_000, meeting, room: of.room }),
  ];
}

async function applyOld(store: Store, events: readonly ConferenceEvent[]): Promise<void> {
  await applyBatch(store, events, { policy: 'register' });
  await store.prisma.conferenceEvent.updateMany({ data: { receivedAt: new Date(start) } });
}

const emptied = (store: Store) => store.prisma.conferenceEvent.count({ where: { kind: '' } });
const unfinished = (store: Store) => store.prisma.conferenceMeeting.count({ where: { emptiedAt: null } });

describe('a run of retention', () => {
  let fixture: StoreFixture;
  beforeAll(async () => {
    fixture = await createStore();
  });
  afterAll(() => fixture.close());
  beforeEach(() => emptyTables(fixture.store));

  const run = (options: { stepRows?: number; maxSteps?: number } = {}, signal = new AbortController().signal) =>
    emptyExpiredJournals(
      { store: fixture.store, days: 90, log: createLogger({ app: 'worker', level: 'silent' }), pauseMs: 0, ...options },
      signal,
    );

  it('empties one occurrence after the other, and leaves what is not old', async () => {
    await applyOld(fixture.store, [...story('m1'), ...story('m2')]);
    await applyBatch(fixture.store, [event({ kind: 'meeting_ended', at: Date.now(), meeting: 'm3', room: 'c' })], {
      policy: 'register',
    });
    await run();
    expect(await emptied(fixture.store)).toBe(44);
    expect(await unfinished(fixture.store)).toBe(1);
  });

  it('ends after its steps, and the next run goes on', async () => {
    await applyOld(fixture.store, story('m1'));
    await run({ stepRows: 5, maxSteps: 2 });
    expect(await emptied(fixture.store)).toBe(10);
    await run({ stepRows: 5, maxSteps: 1 });
    expect(await emptied(fixture.store)).toBe(15);
    await run({ stepRows: 5 });
    expect(await emptied(fixture.store)).toBe(22);
    expect(await unfinished(fixture.store)).toBe(0);
  });

  it('tells what it did, and how many old journals it keeps, by the reason', async () => {
    const now = Date.now();
    const flat = (room: string, kind: 'joined' | 'left', at: number) =>
      event({ kind, at, meeting: null, room, via: null, user: '42' });
    await applyOld(fixture.store, [
      ...story('over', 3),
      ...story('heard since', 3),
      ...story('not ended', 3).slice(0, -1),
      flat('left for good', 'joined', start),
      flat('left for good', 'left', start + 1_000),
      flat('used again', 'joined', start),
      flat('used again', 'left', start + 1_000),
      flat('somebody inside', 'joined', start),
    ]);
    await applyBatch(
      fixture.store,
      [
        event({
          kind: 'message',
          at: start + 5_000,
          meeting: 'heard since',
          room: 'room of heard since',
          via: 'w_a',
          user: '42',
        }),
        flat('used again', 'joined', now),
        flat('used again', 'left', now + 1_000),
      ],
      { policy: 'register' },
    );
    expect(await run()).toEqual({
      emptied: 2,
      events: 7,
      steps: expect.any(Number),
      hookEntries: 0,
      keptGoingOn: 2,
      keptRoomsInUse: 1,
      keptHeardSince: 1,
    });
  });

  it('goes by the arrival of an event whose own time lies in the future', async () => {
    const future = Date.now() + 3_000 * DAY;
    const room = { meeting: null, room: 'r', via: null, user: '42' };
    await applyOld(fixture.store, [
      ...story('m1', 3),
      event({ kind: 'message', at: future, meeting: 'm1', room: 'room of m1', via: 'w_a', user: '42' }),
      event({ kind: 'joined', at: future, meeting: 'm2', room: 'b', via: 'w_a', user: '42' }),
      event({ kind: 'meeting_ended', at: future + 1, meeting: 'm2', room: 'b' }),
      event({ ...room, kind: 'joined', at: future }),
      event({ ...room, kind: 'left', at: future + 1 }),
    ]);
    expect(await run()).toMatchObject({ emptied: 3, events: 10, keptGoingOn: 0 });
    // The flat room goes on, in an occurrence of its own, and not among the dead letters until that time.
    const next = await applyBatch(fixture.store, [event({ ...room, kind: 'joined', at: Date.now() })], { policy: 'register' });
    expect(next).toMatchObject({ sealed: [] });
  });

  it('stops between two steps when it is told to', async () => {
    await applyOld(fixture.store, story('m1'));
    await run({}, AbortSignal.abort());
    expect(await emptied(fixture.store)).toBe(0);
    expect(await unfinished(fixture.store)).toBe(1);
    await run();
    expect(await unfinished(fixture.store)).toBe(0);
  });
});

describe.each(share(BACKENDS, (kind) => kind === 'redis'))('worker processes with their queue in %s', (kind) => {
  let place: WorkerPlace;
  beforeEach(async () => {
    place = await openWorkerPlace(kind);
  });
  afterEach(() => place.close());

  it('empty what is old also when one is killed in it, and put new events of it aside', async () => {
    const events = story('m1', 4_000);
    await applyOld(place.store, events);
    const before = await sessionsByPerson(place.store);
    const killed = await place.start();
    await until('the journal is half empty', async () => (await emptied(place.store)) > 0);
    await killed.stop('SIGKILL');
    expect(await unfinished(place.store)).toBe(1);
    expect(await emptied(place.store)).toBeLessThan(events.length);

    const worker = await place.start();
    const other = event({ kind: 'joined', at: start, meeting: 'm2', room: 'b', via: 'w_a', user: '42' });
    const late = event({
      kind: 'message',
      at: start + 30_000,
      meeting: 'm1',
      room: 'room of m1',
      via: 'w_a',
      user: '42',
      name: 'Ada',
    });
    await place.publish(...events.slice(0, 50), late, other);
    await place.publish(late);
    await until('the other meeting has its row', async () => 'i:m2/42' in (await sessionsByPerson(place.store)));
    await until('the queue is empty', async () => {
      const depths = await Promise.all([0, 1].map((partition) => place.backend.depth(`activity-${partition}`)));
      return depths.every(({ waiting, active }) => waiting + active === 0);
    });
    const { letters } = await place.deadLetters.list({ limit: 10 });
    expect(letters).toMatchObject([{ reason: 'sealed', payload: { identity: late.identity, person: { externalId: '42' } } }]);
    await until('the killed run is taken over', async () => (await unfinished(place.store)) === 1);
    expect(await emptied(place.store)).toBe(events.length);
    expect((await sessionsByPerson(place.store))['i:m1/42']).toEqual(before['i:m1/42']);
    expect(await worker.stop()).toBe(0);
  });

  it('keep journals for ever where that is configured', async () => {
    await applyOld(place.store, story('m1'));
    const worker = await place.start({ EVENT_RETENTION_DAYS: '0', STALE_AFTER_SILENCE_MINUTES: '0' });
    await place.publish(event({ kind: 'joined', at: start, meeting: 'm2', room: 'b', via: 'w_a', user: '42' }));
    await until('it works', async () => 'i:m2/42' in (await sessionsByPerson(place.store)));
    const schedules = await place.backend.queue('scheduled').getJobSchedulers();
    expect(schedules.map(({ key }) => key).toSorted()).toEqual(['hooks', 'stale-meetings']);
    expect(await worker.stop()).toBe(0);
    expect(await emptied(place.store)).toBe(0);
  });
});
