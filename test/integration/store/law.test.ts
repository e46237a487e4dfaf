import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedSessions } from './expected-sessions.js';
import {
  createStore,
  differencesOf,
  emptyTables,
  event,
  processes,
  type StoreFixture,
  sessionsByPerson,
} from './store-fixture.js';

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());

const connection = fc.constantFrom(
  { via: 'w_a', user: '42' },
  { via: 'w_a', user: null },
  { via: 'w_a', user: '43' },
  { via: 'w_b', user: '42' },
  { via: 'w_b', user: null },
  { via: null, user: '42' },
);
const personal = fc
  .record({
    kind: fc.constantFrom(
      ...([
        'joined',
        'left',
        'talk_started',
        'talk_stopped',
        'microphone_opened',
        'microphone_closed',
        'camera_started',
      ] as const),
      ...(['camera_stopped', 'message', 'hand_raised', 'noted'] as const),
    ),
    at: fc.integer({ min: 0, max: 40 }).map((step) => step * 700),
    meeting: fc.constantFrom('m1', 'm1', 'm2', null),
    connection,
  })
  .map(({ connection: via, ...rest }) =>
    event({ ...rest, ...via, details: rest.kind === 'hand_raised' ? { hand: 'raise' } : {} }),
  );
const ended = fc
  .record({ at: fc.integer({ min: 10, max: 50 }).map((step) => step * 700), meeting: fc.constantFrom('m1', null) })
  .map((rest) => event({ kind: 'meeting_ended', ...rest }));
const story = fc.array(fc.oneof({ weight: 12, arbitrary: personal }, { weight: 1, arbitrary: ended }), {
  minLength: 1,
  maxLength: 40,
});

/** The same events in another order, some twice, in batches. */
const delivery = story.chain((events) =>
  fc.record({
    events: fc.constant(events),
    order: fc.shuffledSubarray([...events, ...events], { minLength: events.length, maxLength: events.length * 2 }),
    sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 80, maxLength: 80 }),
  }),
);

function batches(order: readonly ConferenceEvent[], sizes: readonly number[]): ConferenceEvent[][] {
  const result: ConferenceEvent[][] = [];
  for (let from = 0, index = 0; from < order.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    result.push(order.slice(from, from + size));
    from += size;
  }
  return result;
}

describe('the law: rows equal fold(sort(unique(events)))', () => {
  it('for any order, duplication and division into batches', async () => {
    await fc.assert(
      fc.asyncProperty(delivery, async ({ order, sizes }) => {
        await emptyTables(fixture.store);
        const memoryOf = processes(2);
        for (const [index, batch] of batches(order, sizes).entries()) {
          await applyBatch(fixture.store, batch, { policy: 'register', memory: memoryOf(index) });
        }
        expect(await sessionsByPerson(fixture.store)).toEqual(expectedSessions([...new Set(order)]));
        expect(await differencesOf(fixture.store)).toEqual([]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('for batches applied at the same time, without a deadlock', async () => {
    await fc.assert(
      fc.asyncProperty(delivery, async ({ order, sizes }) => {
        await emptyTables(fixture.store);
        const memoryOf = processes(2);
        await Promise.all(
          batches(order, sizes).map((batch, index) =>
            applyBatch(fixture.store, batch, { policy: 'register', memory: memoryOf(index) }),
          ),
        );
        expect(await sessionsByPerson(fixture.store)).toEqual(expectedSessions([...new Set(order)]));
        expect(await differencesOf(fixture.store)).toEqual([]);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it('for rooms announced at any moment', async () => {
    await fc.assert(
      fc.asyncProperty(delivery, fc.nat({ max: 30 }), async ({ order, sizes }, moment) => {
        await emptyTables(fixture.store);
        const memoryOf = processes(2);
        const announced = event({ kind: 'meeting_announced', at: 0, meeting: null, details: { signedSeconds: 1 } });
        const waiting = batches(order, sizes);
        waiting.splice(moment, 0, [announced]);
        await Promise.all(
          waiting.map((batch, index) => applyBatch(fixture.store, batch, { policy: 'known', memory: memoryOf(index) })),
        );
        expect(await sessionsByPerson(fixture.store)).toEqual(expectedSessions([...new Set(order)]));
        expect(await differencesOf(fixture.store)).toEqual([]);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});
