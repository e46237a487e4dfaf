import { presumeStaleMeetings } from '@bbb-activity/app-worker/stale-meetings';
import { BbbClient } from '@bbb-activity/bbb/bbb-client';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { fold } from '@bbb-activity/metrics/fold';
import type { FoldEvent, MeetingEnd } from '@bbb-activity/metrics/fold-event';
import type { RunFigures } from '@bbb-activity/queue/scheduled-jobs';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import type { Store } from '@bbb-activity/store/client';
import { foldEventOf, journalEventOf } from '@bbb-activity/store/journal';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BbbServer, startBbbServer } from '../../support/bbb-server.js';
import { until } from '../../support/until.js';
import { createStore, emptyTables, event, type StoreFixture, sessionsByPerson } from '../store/store-fixture.js';
import { openWorkerPlace, type WorkerPlace } from './worker-process.js';

const SECRET = 'the-shared-secret-of-the-server';
const MINUTE = 60_000;

/** A meeting without an end: two people, one of whom left. */
function story(meeting: string, room: string | null, at = 1_000_000): ConferenceEvent[] {
  const of = { meeting, room };
  return [
    event({ ...of, kind: 'joined', at, via: 'w_a', user: '42' }),
    event({ ...of, kind: 'joined', at: at + 1_000, via: 'w_b', user: '43' }),
    event({ ...of, kind: 'microphone_opened', at: at + 2_000, via: 'w_a', user: '42' }),
    event({ ...of, kind: 'left', at: at + 60_000, via: 'w_b', user: '43' }),
  ];
}

async function applyAsOf(store: Store, minutesAgo: number, events: readonly ConferenceEvent[]): Promise<void> {
  await applyBatch(store, events, { policy: 'register' });
  await store.prisma.conferenceEvent.updateMany({
    where: { identity: { in: events.map(({ identity }) => Buffer.from(identity, 'hex')) } },
    data: { receivedAt: new Date(Date.now() - minutesAgo * MINUTE) },
  });
}

async function marks(store: Store): Promise<Record<string, string | null>> {
  const meetings = await store.prisma.conferenceMeeting.findMany();
  return Object.fromEntries(meetings.map((one) => [one.occurrenceKey, one.presumedEnd]));
}

function toFold(one: ConferenceEvent): FoldEvent[] {
  const folded = foldEventOf(journalEventOf({ meetingId: '', event: one, namesRoom: false }));
  return folded === null ? [] : [folded];
}

/** The law: what the rows of user 42 must be. */
const law = (events: readonly ConferenceEvent[], end: MeetingEnd | null) =>
  fold(events.filter(({ person }) => person?.externalId === '42').flatMap(toFold), end);

describe('one look for stale meetings', () => {
  let fixture: StoreFixture;
  let server: BbbServer;
  let lines: string[];

  beforeAll(async () => {
    fixture = await createStore();
    server = await startBbbServer(SECRET);
  });
  afterAll(async () => {
    await server.close();
    await fixture.close();
  });
  beforeEach(async () => {
    await emptyTables(fixture.store);
    server.running.clear();
    lines = [];
  });

  async function look(
    options: {
      secret?: string;
      url?: string;
      bbb?: null;
      others?: readonly (readonly [number, BbbClient])[];
      silenceMinutes?: number | null;
    } = {},
  ): Promise<RunFigures> {
    const { secret = SECRET, url = server.url, silenceMinutes = 60 } = options;
    const own = new BbbClient({ url, secret, timeoutMs: 2_000 });
    return presumeStaleMeetings(
      {
        store: fixture.store,
        serverOf: (id) => (options.bbb === null ? null : (new Map([[1, own], ...(options.others ?? [])]).get(id) ?? null)),
        quietMs: 5 * MINUTE,
        silenceMs: silenceMinutes === null ? null : silenceMinutes * MINUTE,
        log: createLogger({ app: 'worker', level: 'trace', to: { write: (line) => lines.push(line) } }),
      },
      new AbortController().signal,
    );
  }

  it('marks what the server says is not running, and leaves what runs, however silent', async () => {
    server.running.add('runs');
    await applyAsOf(fixture.store, 10, [...story('m1', 'over'), ...story('m2', 'runs')]);
    await applyAsOf(fixture.store, 600, [...story('m3', 'over'), ...story('m4', 'runs').slice(0, 1)]);
    await applyAsOf(fixture.store, 1, story('m5', 'recent'));
    await look();
    expect(await marks(fixture.store)).toEqual({
      'i:m1': 'not_running',
      'i:m2': null,
      'i:m3': 'not_running',
      'i:m4': null,
      'i:m5': null,
    });
  });

  /** The same meetings, told for another access URL. */
  const ofAccessUrl = (accessUrlId: number, events: readonly ConferenceEvent[]) => events.map((one) => ({ ...one, accessUrlId }));

  it("asks about a meeting its own access URL's server, and no other", async () => {
    const second = await startBbbServer('of the second');
    try {
      second.running.add('room2');
      server.running.add('room3');
      await applyAsOf(fixture.store, 10, [
        ...story('m1', 'room'),
        ...ofAccessUrl(2, [...story('m2', 'room2'), ...story('m3', 'room3')]),
        ...ofAccessUrl(3, [...story('m4', 'room2'), ...story('m5', 'unheard')]),
      ]);
      const figures = await look({ others: [[2, new BbbClient({ url: second.url, secret: 'of the second' })]] });
      expect(await marks(fixture.store)).toEqual({
        'i:m1': 'not_running',
        'i:m2': null,
        'i:m3': 'not_running',
        'i:m4': null,
        'i:m5': null,
      });
      expect(second.calls.map(({ parameters }) => parameters.get('meetingID')).toSorted()).toEqual(['room2', 'room3']);
      expect(figures).toEqual({ quiet: 5, notRunning: 2, silence: 0, asked: 3, serversFailed: 0 });
    } finally {
      await second.close();
    }
  });

  it('goes on asking the other servers where one does not answer', async () => {
    const gone = new BbbClient({ url: 'http://127.0.0.1:1/bigbluebutton', secret: SECRET });
    await applyAsOf(fixture.store, 10, [...ofAccessUrl(2, story('m1', 'a')), ...story('m2', 'b')]);
    const figures = await look({ others: [[2, gone]] });
    expect(await marks(fixture.store)).toEqual({ 'i:m1': null, 'i:m2': 'not_running' });
    expect(figures).toMatchObject({ asked: 2, serversFailed: 1 });
  });

  it('asks no BBB server about a meeting of another system, and leaves it to silence', async () => {
    await applyAsOf(fixture.store, 10, story('m1', 'quiet'));
    await applyAsOf(fixture.store, 61, story('m2', 'silent'));
    await applyAsOf(fixture.store, 10, story('m3', 'known'));
    await fixture.store.prisma.conferenceMeeting.updateMany({
      where: { remoteId: { not: 'known' } },
      data: { provider: 'zoom' },
    });
    const before = server.calls.length;
    await look();
    expect(await marks(fixture.store)).toEqual({ 'i:m1': null, 'i:m2': 'silence', 'i:m3': 'not_running' });
    expect(server.calls.length - before).toBe(1);
  });

  it('asks about a room once, and not about rooms that were heard of', async () => {
    server.running.add('runs');
    await applyAsOf(fixture.store, 10, [...story('m1', 'runs'), ...story('m2', 'runs')]);
    await applyAsOf(fixture.store, 1, story('m3', 'recent'));
    const before = server.calls.length;
    await look();
    expect(server.calls.slice(before).map(({ parameters }) => parameters.get('meetingID'))).toEqual(['runs']);
  });

  it('marks an earlier occurrence of a room that runs again, without asking', async () => {
    server.running.add('again');
    await applyAsOf(fixture.store, 10, [...story('m1', 'again'), ...story('m2', 'again', 9_000_000)]);
    await look();
    expect(await marks(fixture.store)).toEqual({ 'i:m1': 'not_running', 'i:m2': null });
    expect((await sessionsByPerson(fixture.store))['i:m1/42']).toEqual(
      law(story('m1', 'again'), { at: 1_060_000, by: 'not_running' }),
    );
  });

  it('leaves it to silence where the server is not known, does not answer or refuses', async () => {
    const both = async () => {
      await emptyTables(fixture.store);
      await applyAsOf(fixture.store, 10, story('m1', 'quiet'));
      await applyAsOf(fixture.store, 61, story('m2', 'silent'));
    };
    for (const options of [{ bbb: null }, { url: 'http://127.0.0.1:1/bigbluebutton' }, { secret: 'another' }]) {
      await both();
      await look(options);
      expect(await marks(fixture.store)).toEqual({ 'i:m1': null, 'i:m2': 'silence' });
    }
    expect(lines.filter((line) => line.includes('does not tell'))).toHaveLength(2);
    expect(lines.join()).toContain('checksumError');
    for (const hidden of [SECRET, 'another', 'checksum=', 'meetingID']) expect(lines.join()).not.toContain(hidden);
  });

  it('leaves a meeting of no known room to silence', async () => {
    await applyAsOf(fixture.store, 10, story('m1', null));
    await applyAsOf(fixture.store, 61, story('m2', null));
    await look();
    expect(await marks(fixture.store)).toEqual({ 'i:m1': null, 'i:m2': 'silence' });
  });

  it('marks nothing by silence where that is switched off', async () => {
    await applyAsOf(fixture.store, 10_000, story('m1', 'silent'));
    await look({ bbb: null, silenceMinutes: null });
    expect(await marks(fixture.store)).toEqual({ 'i:m1': null });
  });

  it('marks no meeting of which an event arrives while the server is asked', async () => {
    await applyAsOf(fixture.store, 10, story('m1', 'race'));
    const late = event({ kind: 'message', at: 1_070_000, meeting: 'm1', room: 'race', via: 'w_a', user: '42' });
    server.replace((_, response) => {
      void applyBatch(fixture.store, [late], { policy: 'register' }).then(() =>
        response.end('<response><returncode>SUCCESS</returncode><running>false</running></response>'),
      );
    });
    await look();
    server.replace(null);
    expect(await marks(fixture.store)).toEqual({ 'i:m1': null });
  });

  it('goes over more meetings than a page holds', async () => {
    const many = Array.from({ length: 230 }, (_, n) => story(`m${n}`, `room${n}`)).flat();
    await applyAsOf(fixture.store, 10, many);
    await look();
    expect(Object.values(await marks(fixture.store)).filter((by) => by === 'not_running')).toHaveLength(230);
  });
});

describe.each(['redis', 'postgres'] as const)('worker processes with their queue in %s', (kind) => {
  let place: WorkerPlace;
  let server: BbbServer;

  beforeEach(async () => {
    place = await openWorkerPlace(kind);
    server = await startBbbServer(SECRET);
  });
  afterEach(async () => {
    await place.close();
    await server.close();
  });

  it('presume the end of a meeting, once for all of them, and a late event lifts it', async () => {
    server.running.add('runs');
    const events = story('m1', 'over');
    await applyAsOf(place.store, 10, [...events, ...story('m2', 'runs')]);
    const environment = { BBB_URL: server.url, BBB_SECRET: SECRET, STALE_AFTER_SILENCE_MINUTES: '0' };
    const workers = await Promise.all([place.start(environment), place.start(environment)]);

    await until('the meeting is marked', async () => (await marks(place.store))['i:m1'] === 'not_running');
    await until('the look has ended', () => server.calls.length === 2);
    const end = { at: 1_060_000, by: 'not_running' } as const;
    expect((await sessionsByPerson(place.store))['i:m1/42']).toEqual(law(events, end));
    expect((await sessionsByPerson(place.store))['i:m1/42']).toMatchObject([{ outAt: 1_060_000, closedBy: 'not_running' }]);

    const noted = event({ kind: 'noted', at: 5_000_000, meeting: 'm1', room: 'over' });
    const late = event({ kind: 'microphone_closed', at: 1_030_000, meeting: 'm1', room: 'over', via: 'w_a', user: '42' });
    await place.publish(noted);
    await until('the noted event is applied', async () => (await place.store.prisma.conferenceEvent.count()) === 9);
    expect(await marks(place.store)).toEqual({ 'i:m1': 'not_running', 'i:m2': null });
    await place.publish(late);
    await until('the mark is lifted', async () => (await marks(place.store))['i:m1'] === null);
    expect((await sessionsByPerson(place.store))['i:m1/42']).toEqual(law([...events, late], null));
    expect(workers.flatMap(({ lines }) => lines).filter(({ msg }) => msg === 'a meeting is presumed ended')).toHaveLength(1);
    expect(JSON.stringify(workers.map(({ lines }) => lines))).not.toContain(SECRET);
    for (const worker of workers) expect(await worker.stop()).toBe(0);
  });
});
