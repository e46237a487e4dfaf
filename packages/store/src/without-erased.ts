import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { Store } from './client.js';
import { renameInOccurrence } from './erase-occurrence.js';
import { type Erased, keepKey, lockErased, readErased, shareErased } from './erased.js';
import { Prisma } from './generated/client.js';
import { isPseudonym, type MeetingPlace, placeOf, withoutPerson } from './pseudonyms.js';
import type { Statements } from './statements.js';
import { type Attempt, inTransaction, type TransactionOptions } from './transaction.js';

/** A connection that an event ties to an erased person, and that has no pseudonym yet. */
interface NewConnection {
  readonly place: MeetingPlace;
  readonly internalId: string;
  /** The person's pseudonym. */
  readonly person: string;
}

/** Ends a transaction that came upon connections without a pseudonym. Never leaves this file. */
class NewConnectionsError extends Error {
  readonly code = 'new_connections';
  readonly connections: readonly NewConnection[];

  constructor(connections: readonly NewConnection[]) {
    super('events tie new connections to erased persons');
    this.connections = connections;
  }
}

/**
 * Runs `work` in one transaction with the events as they may be kept: under pseudonyms where they tell of erased persons, and without
 * those of erased meetings. An erasure waits for the end of the transaction, so that nothing it has to see is hidden from it.
 *
 * A connection that is new for an erased person gets its pseudonym first, also in what is journalled of it already.
 *
 * @param key of `readKey(…, 'erasure')` of packages/config; null is enough while nothing was ever erased
 * @throws ErasureKeyError
 */
export async function withoutErased<T>(
  store: Store,
  events: readonly ConferenceEvent[],
  key: Buffer | null,
  work: (db: Statements, events: readonly ConferenceEvent[], attempt: Attempt) => Promise<T>,
  options: Pick<TransactionOptions, 'signal' | 'meter'> = {},
): Promise<T> {
  for (;;) {
    try {
      return await inTransaction(
        store,
        async (db, attempt) => {
          if (!(await shareErased(db))) return work(db, events, attempt);
          const erased = await readErased(db, events, key);
          return work(db, key === null ? events : redact(events, erased, key), attempt);
        },
        options,
      );
    } catch (error) {
      if (!(error instanceof NewConnectionsError) || key === null) throw error;
      await inTransaction(store, (db) => cover(db, key, error.connections), { meter: options.meter });
    }
  }
}

/** @throws NewConnectionsError */
function redact(events: readonly ConferenceEvent[], erased: Erased, key: Buffer): ConferenceEvent[] {
  const connections: NewConnection[] = [];
  const redacted = events.flatMap((event): ConferenceEvent[] => {
    const place = placeOf(event);
    if (erased.hasMeeting(place)) return [];
    const of = erased.in(place);
    const { person, details } = event;
    const internalId = person?.internalId ?? null;
    const externalId = person?.externalId ?? null;
    const pseudonym = externalId === null ? null : of(externalId);
    if (pseudonym !== null && internalId !== null && of(internalId) === null && !isPseudonym(internalId)) {
      connections.push({ place, internalId, person: pseudonym });
    }
    const fields = withoutPerson({ internalId, externalId, name: person?.name ?? null, details }, of, key);
    if (fields === null) return [event];
    const { details: kept, ...names } = fields;
    return [{ ...event, details: kept, person: person === null ? null : names }];
  });
  if (connections.length > 0) throw new NewConnectionsError(connections);
  return redacted;
}

async function cover(db: Statements, key: Buffer, connections: readonly NewConnection[]): Promise<void> {
  await lockErased(db);
  await keepKey(db, key);
  for (const { place, internalId, person } of connections) {
    const ids = await occurrencesAt(db, place);
    await renameInOccurrence(db, key, { place, occurrenceIds: ids, userId: null, person, connections: [internalId] });
  }
}

async function occurrencesAt(db: Statements, { accessUrlId, internalId, externalId }: MeetingPlace): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    internalId === null
      ? Prisma.sql`
        SELECT id::text AS id FROM conference_meeting
        WHERE access_url_id = ${accessUrlId} AND remote_id = ${externalId} AND internal_meeting_id IS NULL ORDER BY id`
      : Prisma.sql`
        SELECT id::text AS id FROM conference_meeting
        WHERE access_url_id = ${accessUrlId} AND occurrence_key = ${`i:${internalId}`}`,
  );
  return rows.map(({ id }) => id);
}

/**
 * What a queue or a dead letter holds, as it may be kept; null where nothing of it changes. What is no event is left as it is.
 *
 * @throws ErasureKeyError
 */
export async function itemsWithoutErased(store: Store, key: Buffer, items: readonly unknown[]): Promise<unknown[] | null> {
  const events = items.filter(isEvent);
  if (events.length === 0) return null;
  const kept = await withoutErased(store, events, key, async (_db, redacted) => redacted);
  const byIdentity = new Map(kept.map((event) => [event.identity, event]));
  const result = items.flatMap((item) => {
    if (!isEvent(item)) return [item];
    const event = byIdentity.get(item.identity);
    return event === undefined ? [] : [event];
  });
  return result.length === items.length && result.every((item, index) => item === items[index]) ? null : result;
}

/** Whether an item of a queue is an event. Only ingress writes them, so that it is enough to look at what is needed. */
export function isEvent(item: unknown): item is ConferenceEvent {
  return (
    typeof item === 'object' &&
    item !== null &&
    'identity' in item &&
    typeof item.identity === 'string' &&
    'accessUrlId' in item &&
    'meeting' in item &&
    typeof item.meeting === 'object' &&
    'person' in item &&
    'details' in item &&
    typeof item.details === 'object'
  );
}
