import { createHash } from 'node:crypto';
import type { ConferenceEvent, EventDetails, EventKind } from '@bbb-activity/events/conference-event';
import type { Session } from '@bbb-activity/metrics/session';
import { BatchMemory } from '@bbb-activity/store/batch-memory';
import { openStore, type Store } from '@bbb-activity/store/client';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import type { Difference } from '@bbb-activity/store/rebuild-occurrence';
import { readSessions } from '@bbb-activity/store/sessions';
import { createMigratedDatabase, type TestDatabase } from '../../support/services.js';

export interface StoreFixture {
  readonly store: Store;
  readonly database: TestDatabase;
  close(): Promise<void>;
}

/** A migrated database of the test's own. */
export async function createStore(): Promise<StoreFixture> {
  const database = await createMigratedDatabase();
  const store = openStore({ databaseUrl: database.url, maxConnections: 12 });
  return {
    store,
    database,
    async close() {
      await store.close();
      await database.drop();
    },
  };
}

export interface EventSketch {
  readonly kind: EventKind;
  readonly at: number;
  /** Internal meeting id; null for a flat occurrence. */
  readonly meeting?: string | null;
  readonly room?: string | null;
  /** Internal user id. */
  readonly via?: string | null;
  /** External user id. */
  readonly user?: string | null;
  readonly name?: string | null;
  readonly details?: EventDetails;
  readonly accessUrlId?: number;
}

/** An event of internal meeting `m1` in room `room1`, unless the sketch tells otherwise; equal sketches are equal events. */
export function event(sketch: EventSketch): ConferenceEvent {
  const {
    kind,
    at,
    meeting = 'm1',
    room = 'room1',
    via = null,
    user = null,
    name = null,
    details = {},
    accessUrlId = 1,
  } = sketch;
  const content = { kind, at, meeting, room, via, user, name, details, accessUrlId };
  return {
    identity: createHash('sha256').update(JSON.stringify(content)).digest('hex'),
    accessUrlId,
    kind,
    name: kind,
    at,
    meeting: { internalId: meeting, externalId: room },
    person: via === null && user === null ? null : { internalId: via, externalId: user, name },
    details,
  };
}

/** Every person's sessions by `occurrence key / person`; a participant without sessions has an empty list. */
export async function sessionsByPerson(store: Store): Promise<Record<string, Session[]>> {
  const people = await store.prisma.participant.findMany({ include: { meeting: true } });
  const result: Record<string, Session[]> = {};
  for (const meetingId of new Set(people.map((person) => person.meetingId))) {
    const stored = await readSessions(store.statements, String(meetingId));
    for (const person of people.filter((one) => one.meetingId === meetingId)) {
      result[`${person.meeting.occurrenceKey}/${person.personKey}`] = stored
        .filter(({ participantId }) => participantId === String(person.id))
        .map(({ session }) => session);
    }
  }
  return result;
}

/** In what all rows differ from what the journal folds to. */
export async function differencesOf(store: Store): Promise<Difference[]> {
  const all: Difference[] = [];
  for await (const report of rebuildAll(store, { dryRun: true })) all.push(...report.differences);
  return all;
}

/** Empties all tables. */
export async function emptyTables(store: Store): Promise<void> {
  await store.prisma.$executeRawUnsafe('TRUNCATE conference_meeting, conference_event RESTART IDENTITY CASCADE');
}

/** What so many processes remember, each its own, by the number of the batch: they take turns. */
export function processes(count: number): (batch: number) => BatchMemory {
  const memories = Array.from({ length: count }, () => new BatchMemory());
  return (batch) => {
    const memory = memories[batch % count];
    if (memory === undefined) throw new RangeError(`there is no batch ${batch}`);
    return memory;
  };
}
