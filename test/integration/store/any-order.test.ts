import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { applyBatch, type MeetingPolicy } from '@bbb-activity/store/apply-batch';
import type { Store } from '@bbb-activity/store/client';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, differencesOf, emptyTables, event, processes, type StoreFixture } from './store-fixture.js';

/** More of them find more: `RUNS=300 npx vitest run test/integration/store/any-order.test.ts --testTimeout 0`. */
const RUNS = Number(process.env['RUNS'] ?? 8);

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());

/** Few ids and few times, so that everything meets everything: ties of one connection to several persons, ids that are each other's. */
const at = fc.integer({ min: 1, max: 12 }).map((step) => step * 1_000);
const place = fc.constantFrom(
  { meeting: 'm1', room: 'room1' },
  { meeting: 'm1', room: 'room2' },
  { meeting: 'm1', room: null },
  { meeting: 'm2', room: 'room1' },
  { meeting: null, room: 'room1' },
);
const person = fc.constantFrom(
  { via: 'w_a', user: '42' },
  { via: 'w_a', user: '43' },
  { via: 'w_a', user: null },
  { via: 'w_b', user: '42' },
  { via: 'w_b', user: null },
  { via: null, user: '42' },
  { via: null, user: 'w_a' },
);
const name = fc.constantFrom(null, null, 'Kim', 'Kim B.');

const personal = fc
  .record({
    kind: fc.constantFrom(
      ...(['joined', 'left', 'talk_started', 'talk_stopped', 'camera_started', 'camera_stopped', 'message', 'noted'] as const),
    ),
    at,
    place,
    person,
    name,
  })
  .map(({ place: where, person: who, ...rest }) => event({ ...rest, ...where, ...who }));
const activity = fc
  .record({ at, place, person, signedSeconds: fc.integer({ min: 1, max: 3 }), activityData: fc.constantFrom('a', 'b') })
  .map(({ at: time, place: where, person: who, signedSeconds, activityData }) => {
    const facts = { event: 'signed', type: null, inAt: time, outAt: null, close: null, signatureFile: null, signedAt: null };
    return event({
      kind: 'activity',
      at: time,
      ...where,
      ...who,
      details: { signedSeconds, activity: { ...facts, activityData } },
    });
  });
const ofMeeting = fc
  .record({
    kind: fc.constantFrom(...(['meeting_created', 'meeting_ended', 'meeting_ended', 'noted'] as const)),
    at,
    place,
    person: fc.option(person, { nil: {}, freq: 4 }),
    title: fc.constantFrom('Algebra', 'Biology'),
  })
  .map(({ kind, at: time, place: where, person: who, title }) =>
    event({ kind, at: time, ...where, ...who, details: kind === 'meeting_created' ? { meeting: { title } } : {} }),
  );
const announced = fc
  .record({ at, place, title: fc.constantFrom('Algebra', 'Biology'), signedSeconds: fc.integer({ min: 1, max: 3 }) })
  .filter(({ place: where }) => where.room !== null)
  .map(({ at: time, place: where, title, signedSeconds }) =>
    event({ kind: 'meeting_announced', at: time, ...where, details: { signedSeconds, meeting: { title } } }),
  );
const recorded = fc
  .record({ at, place, formatType: fc.constantFrom('video', 'podcast') })
  .map(({ at: time, place: where, formatType }) =>
    event({
      kind: 'recording_announced',
      at: time,
      ...where,
      details: { recording: { url: 'https://bbb.example/1', formatType } },
    }),
  );
const story = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: personal },
    { weight: 3, arbitrary: activity },
    { weight: 3, arbitrary: ofMeeting },
    { weight: 1, arbitrary: announced },
    { weight: 1, arbitrary: recorded },
  ),
  { minLength: 2, maxLength: 25 },
);

type Batches = readonly (readonly ConferenceEvent[])[];

/** All of the events in some order, some of them twice, in batches. */
const deliveryOf = (events: readonly ConferenceEvent[]): fc.Arbitrary<Batches> =>
  fc
    .record({
      order: fc.shuffledSubarray([...events], { minLength: events.length }),
      again: fc.subarray([...events]),
      sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 60, maxLength: 60 }),
    })
    .map(({ order, again, sizes }) => {
      const rest = [...order, ...again];
      return sizes.map((size) => rest.splice(0, size)).filter((batch) => batch.length > 0);
    });

/** Every folded row, with what tells of others' ids in place of the ids. */
async function allRows(store: Store): Promise<unknown> {
  return Promise.all([
    store.prisma.$queryRaw`SELECT to_jsonb(m) - 'id' AS row FROM conference_meeting m ORDER BY occurrence_key`,
    store.prisma.$queryRaw`
      SELECT m.occurrence_key, to_jsonb(i) - 'meeting_id' AS row
      FROM conference_identity i JOIN conference_meeting m ON m.id = i.meeting_id ORDER BY 1, i.internal_user_id`,
    store.prisma.$queryRaw`
      SELECT m.occurrence_key, to_jsonb(p) - 'id' - 'meeting_id' AS row
      FROM participant p JOIN conference_meeting m ON m.id = p.meeting_id ORDER BY 1, p.person_key`,
    store.prisma.$queryRaw`
      SELECT m.occurrence_key, p.person_key, to_jsonb(a) - 'id' - 'meeting_id' - 'participant_id' AS row
      FROM conference_activity a
      JOIN participant p ON p.id = a.participant_id
      JOIN conference_meeting m ON m.id = p.meeting_id
      ORDER BY 1, 2, a.ordinal, a.event_at`,
    store.prisma.$queryRaw`
      SELECT m.occurrence_key, r.format_type, r.url
      FROM conference_recording r JOIN conference_meeting m ON m.id = r.meeting_id ORDER BY 1, 2, 3`,
  ]);
}

describe('the law, for every column of every row', () => {
  it('holds for any two deliveries of the same events', async () => {
    const deliveries = story.chain((events) => fc.tuple(deliveryOf(events), deliveryOf(events)));
    await fc.assert(
      fc.asyncProperty(deliveries, async ([first, other]) => {
        await emptyTables(fixture.store);
        const memoryOf = processes(2);
        for (const [index, batch] of first.entries()) {
          await applyBatch(fixture.store, batch, { policy: 'register', memory: memoryOf(index) });
        }
        const rows = await allRows(fixture.store);
        expect(await differencesOf(fixture.store)).toEqual([]);
        await emptyTables(fixture.store);
        const second = processes(3);
        for (const [index, batch] of other.entries()) {
          await applyBatch(fixture.store, batch, { policy: 'register', memory: second(index) });
        }
        expect(await allRows(fixture.store)).toEqual(rows);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  it('holds for meetings that wait, ends that are presumed in between, and batches at once', async () => {
    const steps = story.chain((events) =>
      fc.record({
        batches: deliveryOf(events),
        policies: fc.array(fc.constantFrom<MeetingPolicy>('known', 'known', 'register'), { minLength: 60, maxLength: 60 }),
        presumed: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
        width: fc.integer({ min: 1, max: 3 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(steps, async ({ batches, policies, presumed, width }) => {
        await emptyTables(fixture.store);
        const memoryOf = processes(2);
        for (let from = 0; from < batches.length; from += width) {
          const together = batches.slice(from, from + width);
          const work = together.map((batch, index) =>
            applyBatch(fixture.store, batch, { policy: policies[from + index] ?? 'register', memory: memoryOf(index) }),
          );
          const ids = presumed[from] ? await fixture.store.prisma.conferenceMeeting.findMany({ select: { id: true } }) : [];
          await Promise.all([...work, ...ids.map(({ id }) => presumeEnd(fixture.store, String(id), 'silence'))]);
          expect(await differencesOf(fixture.store)).toEqual([]);
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});
