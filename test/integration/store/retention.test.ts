import { applyBatch } from '@bbb-activity/store/apply-batch';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { type EmptyingStep, emptyJournalStep, findExpiredOccurrences, sealOccurrence } from '@bbb-activity/store/retention';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStore, type EventSketch, emptyTables, event, type StoreFixture, sessionsByPerson } from './store-fixture.js';

const DAY = 86_400_000;
const DAYS = 90;
let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());
beforeEach(() => emptyTables(fixture.store));

const apply = (...sketches: EventSketch[]) => applyBatch(fixture.store, sketches.map(event), { policy: 'register' });
const expired = () => findExpiredOccurrences(fixture.store, DAYS, 100);
const meetings = () => fixture.store.prisma.conferenceMeeting.findMany({ orderBy: { id: 'asc' } });
const journal = () => fixture.store.prisma.conferenceEvent.findMany({ orderBy: { identity: 'asc' } });
const rows = () => fixture.store.prisma.conferenceActivity.findMany({ orderBy: { id: 'asc' } });
const arriveDaysAgo = (days: number) =>
  fixture.store.prisma.conferenceEvent.updateMany({ data: { receivedAt: new Date(Date.now() - days * DAY) } });
const old = (ms = 0) => Date.now() - 100 * DAY + ms;
const start = old();
const person = { via: 'w_a', user: '42', name: 'Ada Lovelace' } as const;

/** A meeting of four events that ended 100 days ago. */
const story = (meeting: string | null = 'm1', room = 'room1'): EventSketch[] => [
  { kind: 'joined', at: start, meeting, room, ...person },
  { kind: 'camera_started', at: start + 1_000, meeting, room, ...person, details: { stream: 'secret-stream' } },
  { kind: 'message', at: start + 2_000, meeting, room, via: 'w_a' },
  { kind: 'meeting_ended', at: start + 9_000, meeting, room },
];

async function emptyWholly(id: string, rowsAtATime = 1_000): Promise<EmptyingStep[]> {
  expect(await sealOccurrence(fixture.store, id, DAYS)).toBe(true);
  const steps: EmptyingStep[] = [];
  do steps.push(await emptyJournalStep(fixture.store, id, rowsAtATime));
  while (steps.at(-1)?.done !== true);
  return steps;
}

async function onlyId(): Promise<string> {
  const [id, ...others] = await expired();
  expect(others).toEqual([]);
  return id ?? expect.unreachable('nothing is expired');
}

describe('what is expired', () => {
  it('ended, and its last event is old by its own time and by its arrival', async () => {
    await apply(...story());
    expect(await expired()).toEqual([]);
    await arriveDaysAgo(89);
    expect(await expired()).toEqual([]);
    await arriveDaysAgo(91);
    expect(await expired()).toHaveLength(1);
    await apply({ kind: 'noted', at: Date.now() - 89 * DAY });
    await arriveDaysAgo(91);
    expect(await expired()).toEqual([]);
  });

  it('is no meeting that goes on, until its end is presumed', async () => {
    await apply({ kind: 'joined', at: start, ...person });
    await arriveDaysAgo(91);
    expect(await expired()).toEqual([]);
    const [meeting] = await meetings();
    await presumeEnd(fixture.store, String(meeting?.id), 'silence');
    expect(await expired()).toHaveLength(1);
  });

  it('is a flat occurrence once nobody is inside', async () => {
    await apply({ kind: 'joined', at: start, meeting: null, ...person });
    await arriveDaysAgo(91);
    expect(await expired()).toEqual([]);
    await apply({ kind: 'left', at: start + 1, meeting: null, ...person });
    await arriveDaysAgo(91);
    expect(await expired()).toHaveLength(1);
  });

  it('is what waited in vain for its announcement', async () => {
    await applyBatch(fixture.store, [event({ kind: 'joined', at: start, ...person })], { policy: 'known' });
    await arriveDaysAgo(91);
    expect(await expired()).toHaveLength(1);
  });

  it('is looked at again under the lock', async () => {
    await apply(...story());
    await arriveDaysAgo(91);
    const id = await onlyId();
    await apply({ kind: 'message', at: start + 3_000, ...person });
    expect(await sealOccurrence(fixture.store, id, DAYS)).toBe(false);
    expect(await emptyJournalStep(fixture.store, id, 10)).toEqual({ events: 0, done: true });
    expect((await journal()).every(({ kind }) => kind !== '')).toBe(true);
  });
});

describe('a sealed occurrence', () => {
  it('keeps its numbers and its identities, and nothing else of its events', async () => {
    await apply(...story());
    await arriveDaysAgo(91);
    const [before, sessions, identities] = [await rows(), await sessionsByPerson(fixture.store), await journal()];
    await emptyWholly(await onlyId());
    expect(await rows()).toEqual(before);
    expect(await sessionsByPerson(fixture.store)).toEqual(sessions);
    const after = await journal();
    expect(after.map(({ identity }) => identity)).toEqual(identities.map(({ identity }) => identity));
    const nothing = {
      kind: '',
      name: '',
      internalUserId: null,
      externalUserId: null,
      personName: null,
      remoteId: null,
      details: {},
    };
    for (const one of after) expect(one).toMatchObject({ ...nothing, at: new Date(0), receivedAt: new Date(0) });
    const texts = JSON.stringify([after, await fixture.store.prisma.conferenceIdentity.findMany()], (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const word of ['w_a', 'Ada', 'secret-stream', '"42"']) expect(texts).not.toContain(word);
    expect(await fixture.store.prisma.participant.findFirst()).toMatchObject({
      personKey: '42',
      name: 'Ada Lovelace',
      state: {},
    });
    expect(await meetings()).toMatchObject([{ sealedAt: expect.any(Date), emptiedAt: expect.any(Date), status: 'ended' }]);
    expect(await expired()).toEqual([]);
  });

  it('is sealed from the first step on, and is gone on with after a stop at any of them', async () => {
    await apply(
      ...story(),
      ...Array.from({ length: 5 }, (_, n): EventSketch => ({ kind: 'message', at: start + 3_000 + n, ...person })),
    );
    await arriveDaysAgo(91);
    const before = await rows();
    const id = await onlyId();
    await sealOccurrence(fixture.store, id, DAYS);
    const fresh: EventSketch = { kind: 'message', at: start + 4_000, ...person };
    for (let steps = 0; ; steps += 1) {
      // As a process that begins anew would find it.
      expect(await onlyId()).toBe(id);
      expect(await sealOccurrence(fixture.store, id, DAYS)).toBe(true);
      expect(await apply(...story())).toMatchObject({ fresh: 0, duplicates: 4, rows: 0, sealed: [] });
      expect(await apply(fresh)).toMatchObject({ fresh: 0, rows: 0, sealed: [event(fresh)] });
      expect(await rows()).toEqual(before);
      const step = await emptyJournalStep(fixture.store, id, 2);
      expect(step.events).toBeLessThanOrEqual(2);
      if (step.done) {
        // Nine events in five steps, then the tie, the state and the end.
        expect(steps).toBe(7);
        break;
      }
    }
    expect(await expired()).toEqual([]);
    expect(await rows()).toEqual(before);
  });

  it('holds up no other event of a batch', async () => {
    await apply(...story());
    await arriveDaysAgo(91);
    await emptyWholly(await onlyId());
    const late: EventSketch = { kind: 'message', at: start + 3_000, ...person };
    const other: EventSketch = { kind: 'joined', at: start, meeting: 'm2', room: 'room2', ...person };
    const outcome = await apply(late, other, ...story());
    expect(outcome).toMatchObject({ events: 6, fresh: 1, duplicates: 4, sealed: [event(late)] });
    expect(await apply(late, other)).toMatchObject({ fresh: 0, duplicates: 1, sealed: [event(late)] });
    expect(await sessionsByPerson(fixture.store)).toMatchObject({ 'i:m2/42': [{ inAt: start }] });
  });

  it('does not wake when its room is announced at last', async () => {
    await applyBatch(fixture.store, story().map(event), { policy: 'known' });
    await arriveDaysAgo(91);
    const id = await onlyId();
    await emptyWholly(id);
    const announced = event({ kind: 'meeting_announced', at: Date.now(), meeting: null, details: { signedSeconds: 1 } });
    expect(await applyBatch(fixture.store, [announced], { policy: 'known' })).toMatchObject({ fresh: 1, sealed: [] });
    expect((await meetings()).find((one) => String(one.id) === id)).toMatchObject({ known: false, sealedAt: expect.any(Date) });
    expect(await rows()).toEqual([]);
  });

  it('that is flat leaves its room to later events', async () => {
    await apply(...story(null));
    await arriveDaysAgo(91);
    const id = await onlyId();
    await emptyWholly(id);
    const late: EventSketch = { kind: 'message', at: start + 3_000, meeting: null, ...person };
    expect(await apply(...story(null), late)).toMatchObject({ fresh: 0, duplicates: 4, sealed: [event(late)] });
    expect(await meetings()).toHaveLength(1);
    const next: EventSketch = { kind: 'joined', at: start + 9_001, meeting: null, ...person };
    expect(await apply(late, next)).toMatchObject({ fresh: 1, sealed: [event(late)] });
    expect(await meetings()).toMatchObject([
      { id: BigInt(id), remoteId: 'room1', sealedUntil: new Date(start + 9_000) },
      { occurrenceKey: 'x:room1', remoteId: 'room1', sealedAt: null },
    ]);
    expect((await sessionsByPerson(fixture.store))['x:room1/42']).toMatchObject([{ inAt: start + 9_001, outAt: null }]);
  });

  it('that is flat is told from the next one also while it is being sealed', async () => {
    for (let round = 0; round < 8; round += 1) {
      await emptyTables(fixture.store);
      await apply(...story(null));
      await arriveDaysAgo(91);
      const id = await onlyId();
      const next: EventSketch = { kind: 'joined', at: start + 9_001 + round, meeting: null, ...person };
      const [sealed, outcome] = await Promise.all([sealOccurrence(fixture.store, id, DAYS), apply(...story(null), next)]);
      expect(outcome).toMatchObject({ fresh: 1, duplicates: 4, sealed: [] });
      expect(await meetings()).toHaveLength(sealed ? 2 : 1);
    }
  });
});
