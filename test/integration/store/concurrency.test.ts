import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { applyBatch, type MeetingPolicy } from '@bbb-activity/store/apply-batch';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { type Barrier, createBarrier } from './barrier.js';
import { expectedSessions } from './expected-sessions.js';
import {
  createStore,
  differencesOf,
  type EventSketch,
  emptyTables,
  event,
  processes,
  type StoreFixture,
  sessionsByPerson,
} from './store-fixture.js';

let fixture: StoreFixture;
let barrier: Barrier;

beforeAll(async () => {
  fixture = await createStore();
  barrier = await createBarrier(fixture.database.url);
});
afterAll(async () => {
  await barrier.close();
  await fixture.close();
});
beforeEach(() => emptyTables(fixture.store));
afterEach(() => barrier.open());

/** Where a transaction is stopped: before it writes its event to the journal, or after, before it has a participant of `m1`. */
type Stop = 'journal' | `participant ${string}` | `session ${number}`;

interface Encounter {
  /** Applied before, one by one. */
  readonly before?: readonly EventSketch[];
  /** Stopped in the middle until the other one is through or waits. */
  readonly stopped: EventSketch;
  readonly at: Stop;
  readonly other: EventSketch;
  readonly policy?: MeetingPolicy;
}

/** One of a list of encounters; at the journal, where the other waits, unless told otherwise. */
interface Meeting {
  readonly how?: 'overtook' | 'waited';
  readonly at?: Stop;
  readonly stopped: EventSketch;
  readonly other: EventSketch;
}

/** Lets two transactions meet, and tells whether the other one overtook the stopped one or waited for it. */
async function meet({ before = [], stopped, at, other, policy = 'register' }: Encounter): Promise<'overtook' | 'waited'> {
  const memoryOf = processes(2);
  const apply = (one: ConferenceEvent, by: number) => applyBatch(fixture.store, [one], { policy, memory: memoryOf(by) });
  const story = before.map(event);
  // Both processes know what was before: what they remember must not keep them from what the other does now.
  for (const by of [0, 1]) for (const one of story) await apply(one, by);
  const [held, free] = [event(stopped), event(other)];
  if (at === 'journal') await barrier.beforeJournal(held);
  else if (at.startsWith('session ')) await barrier.beforeSession(Number(at.slice('session '.length)));
  else {
    const { id } = await fixture.store.prisma.conferenceMeeting.findFirstOrThrow();
    await barrier.beforeParticipant(id, at.slice('participant '.length));
  }
  const first = apply(held, 0);
  await until('the first is stopped', async () => (await barrier.waiting()) === 1);
  let through = false;
  const second = apply(free, 1).then(() => {
    through = true;
  });
  await until('the other is through or waits', async () => through || (await barrier.waiting()) === 2);
  const how = through ? 'overtook' : 'waited';
  await barrier.open();
  await Promise.all([first, second]);

  const all = [...story, held, free];
  expect(await sessionsByPerson(fixture.store)).toEqual(expectedSessions(all));
  expect(await differencesOf(fixture.store)).toEqual([]);
  expect(await applyBatch(fixture.store, all, { policy })).toMatchObject({ fresh: 0, rows: 0 });
  return how;
}

const inside: EventSketch = { kind: 'joined', at: 1_000, via: 'w_z', user: '1' };
const joined: EventSketch = { kind: 'joined', at: 2_000, via: 'w_a', user: '42' };
const ended: EventSketch = { kind: 'meeting_ended', at: 9_000 };
const nameless: EventSketch = { kind: 'message', at: 3_000, via: 'w_a' };
const elsewhere: EventSketch = { kind: 'message', at: 4_000, via: 'w_b', user: '42' };

describe("a person's first event beside the end of the meeting", () => {
  const before = [inside];
  it.each<Meeting>([
    { at: 'journal', stopped: joined, other: ended },
    { at: 'participant 42', stopped: joined, other: ended },
    { at: 'journal', stopped: ended, other: joined },
    { at: 'participant 1', stopped: ended, other: joined },
  ])('is closed by it in either order ($stopped.kind stopped at $at)', async ({ at = 'journal', stopped, other }) => {
    expect(await meet({ before, stopped, at, other })).toBe('waited');
    expect(await fixture.store.prisma.conferenceActivity.count({ where: { close: false } })).toBe(0);
  });

  it.each<Meeting>([
    { stopped: joined, other: ended },
    { stopped: ended, other: joined },
  ])('also where both make the occurrence ($stopped.kind stopped)', async ({ stopped, other }) => {
    expect(await meet({ stopped, at: 'journal', other })).toBe('waited');
  });

  it.each<Meeting>([
    { stopped: { ...joined, meeting: null, via: null }, other: { ...ended, meeting: null } },
    { stopped: { ...ended, meeting: null }, other: { ...joined, meeting: null, via: null } },
  ])('also in a flat occurrence ($stopped.kind stopped)', async ({ stopped, other }) => {
    expect(await meet({ before: [{ ...inside, meeting: null, via: null }], stopped, at: 'journal', other })).toBe('waited');
  });
});

describe('an event without an external id beside the tie of its connection', () => {
  it.each<Meeting>([
    { at: 'journal', stopped: nameless, other: joined },
    { at: 'participant w_a', stopped: nameless, other: joined },
    { at: 'journal', stopped: joined, other: nameless },
    { at: 'participant 42', stopped: joined, other: nameless },
  ])('is the tied person in either order ($stopped.kind stopped at $at)', async ({ at = 'journal', stopped, other }) => {
    expect(await meet({ before: [inside], stopped, at, other })).toBe('waited');
    expect((await fixture.store.prisma.participant.findMany()).map((one) => one.personKey).sort()).toEqual(['1', '42']);
  });

  it.each<Meeting>([
    { stopped: nameless, other: joined },
    { stopped: joined, other: nameless },
  ])('also where the connection is known, but not tied ($stopped.kind stopped)', async ({ stopped, other }) => {
    const before = [inside, { ...nameless, at: 1_500 }];
    expect(await meet({ before, stopped, at: 'journal', other })).toBe('waited');
    expect((await fixture.store.prisma.participant.findMany()).map((one) => one.personKey).sort()).toEqual(['1', '42']);
  });

  it.each<Meeting>([
    { stopped: { ...joined, at: 1_500, user: '7' }, other: { ...joined, at: 1_600, user: '8' } },
    { stopped: { ...joined, at: 1_600, user: '7' }, other: { ...joined, at: 1_500, user: '8' } },
  ])('moves to the earlier of two ties at once ($stopped.at stopped)', async ({ stopped, other }) => {
    expect(await meet({ before: [inside, nameless, joined], stopped, at: 'journal', other })).toBe('waited');
  });
});

describe('a tie beside the end of the meeting', () => {
  /** Ties without opening anything: the rows that merge are those of before. */
  const tie: EventSketch = { kind: 'noted', at: 3_500, via: 'w_a', user: '42' };
  const late: EventSketch = { ...tie, at: 9_500 };
  it.each<Meeting>([
    { at: 'journal', stopped: tie, other: ended },
    { at: 'participant 42', stopped: tie, other: ended },
    { at: 'participant w_a', stopped: tie, other: ended },
    { at: 'journal', stopped: ended, other: tie },
    { at: 'participant w_a', stopped: ended, other: tie },
    { at: 'journal', stopped: late, other: ended },
    { at: 'journal', stopped: ended, other: late },
  ])(
    'merges and closes what it merges in either order ($stopped.kind at $stopped.at stopped at $at)',
    async ({ at = 'journal', stopped, other }) => {
      const before = [inside, nameless, { ...elsewhere, via: 'w_b', at: 2_500 }];
      expect(await meet({ before, stopped, at, other })).toBe('waited');
      expect((await fixture.store.prisma.participant.findMany()).map((one) => one.personKey).sort()).toEqual(['1', '42']);
      const rows = await fixture.store.prisma.conferenceActivity.findMany({ where: { participant: { personKey: '42' } } });
      expect(rows).toMatchObject([{ closedBy: 'meeting_ended', messages: 2 }]);
    },
  );

  it.each<Meeting>([
    { stopped: { ...tie, meeting: null }, other: { ...ended, meeting: null } },
    { stopped: { ...ended, meeting: null }, other: { ...tie, meeting: null } },
  ])('also in a flat occurrence ($stopped.kind stopped)', async ({ stopped, other }) => {
    const before = [inside, nameless].map((one) => ({ ...one, meeting: null }));
    expect(await meet({ before, stopped, at: 'journal', other })).toBe('waited');
    expect(await fixture.store.prisma.conferenceActivity.count({ where: { close: false } })).toBe(0);
  });
});

describe('a merge beside an event of a person who is merged', () => {
  const before = [nameless, { ...elsewhere, at: 500 }];
  it.each<Meeting>([
    { how: 'overtook', at: 'journal', stopped: joined, other: elsewhere },
    { how: 'waited', at: 'participant 42', stopped: joined, other: elsewhere },
    { how: 'overtook', at: 'journal', stopped: elsewhere, other: joined },
    { how: 'waited', at: 'participant 42', stopped: elsewhere, other: joined },
  ])('loses nothing ($how, $stopped.kind stopped at $at)', async ({ how = 'waited', at = 'journal', stopped, other }) => {
    expect(await meet({ before, stopped, at, other })).toBe(how);
  });

  const namesake: EventSketch = { kind: 'message', at: 5_000, user: 'w_a' };
  it.each<Meeting>([
    { how: 'overtook', at: 'journal', stopped: namesake, other: joined },
    { how: 'waited', at: 'participant w_a', stopped: namesake, other: joined },
    { how: 'overtook', at: 'journal', stopped: joined, other: namesake },
    { how: 'waited', at: 'participant w_a', stopped: joined, other: namesake },
  ])(
    'that is deleted by it and comes back ($how, $stopped.kind stopped at $at)',
    async ({ how = 'waited', at = 'journal', stopped, other }) => {
      expect(await meet({ before: [inside, nameless], stopped, at, other })).toBe(how);
    },
  );
});

describe('two first events at once', () => {
  it.each<Meeting>([
    { how: 'overtook', at: 'journal', stopped: joined, other: elsewhere },
    { how: 'overtook', at: 'journal', stopped: elsewhere, other: joined },
    { how: 'waited', at: 'participant 42', stopped: joined, other: elsewhere },
    { how: 'waited', at: 'participant 42', stopped: elsewhere, other: joined },
  ])(
    'of one new person are one participant ($how, $stopped.kind stopped at $at)',
    async ({ how = 'waited', at = 'journal', stopped, other }) => {
      expect(await meet({ before: [inside], stopped, at, other })).toBe(how);
      expect(await fixture.store.prisma.participant.count()).toBe(2);
    },
  );

  it.each<Meeting>([
    { stopped: joined, other: elsewhere },
    { stopped: elsewhere, other: joined },
  ])('of one new occurrence are one occurrence ($stopped.kind stopped)', async ({ stopped, other }) => {
    expect(await meet({ stopped, at: 'journal', other })).toBe('waited');
    expect(await fixture.store.prisma.conferenceMeeting.count()).toBe(1);
  });

  it('of two occurrences of one room do not wait for each other and stay apart', async () => {
    expect(await meet({ stopped: joined, at: 'journal', other: { ...joined, meeting: 'm2' } })).toBe('overtook');
    expect(await fixture.store.prisma.conferenceMeeting.count()).toBe(2);
    expect(await fixture.store.prisma.participant.count()).toBe(2);
  });

  it.each<Meeting>([
    { stopped: { ...joined, at: 2_000, room: 'algebra' }, other: { ...elsewhere, at: 1_900, room: 'biology' } },
    { stopped: { ...elsewhere, at: 1_900, room: 'biology' }, other: { ...joined, at: 2_000, room: 'algebra' } },
  ])('that tell two external ids leave the one of the earlier ($stopped.kind stopped)', async ({ stopped, other }) => {
    expect(await meet({ stopped, at: 'journal', other })).toBe('waited');
    expect(await fixture.store.prisma.conferenceMeeting.findFirst()).toMatchObject({ remoteId: 'biology' });
  });
});

describe('an announcement beside the first event of its room', () => {
  const announced: EventSketch = { kind: 'meeting_announced', at: 1, meeting: null, details: { signedSeconds: 1 } };
  it.each<Meeting>([
    { stopped: announced, other: joined },
    { stopped: joined, other: announced },
  ])('makes it known in either order ($stopped.kind stopped)', async ({ stopped, other }) => {
    expect(await meet({ stopped, at: 'journal', other, policy: 'known' })).toBe('waited');
    expect(Object.keys(await sessionsByPerson(fixture.store))).toEqual(['i:m1/42']);
  });
});

describe('events of one person who was there twice', () => {
  const before: EventSketch[] = [
    { kind: 'joined', at: 1_000, via: 'w_a', user: '42' },
    { kind: 'left', at: 10_000, via: 'w_a', user: '42' },
    { kind: 'joined', at: 20_000, via: 'w_b', user: '42' },
  ];
  const merging: EventSketch = { kind: 'joined', at: 5_000, via: 'w_b', user: '42' };
  const later: EventSketch = { kind: 'message', at: 30_000, via: 'w_b', user: '42' };

  it.each([
    { stopped: merging, other: later },
    { stopped: later, other: merging },
  ])('do not wait for each other where one makes a single session of two ($stopped.kind stopped)', async ({ stopped, other }) => {
    expect(await meet({ before, stopped, at: 'session 1', other })).toBe('waited');
  });
});
