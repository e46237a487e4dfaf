import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { Store } from './client.js';
import { renameInOccurrence } from './erase-occurrence.js';
import { type Erased, keepConnections, keepKey, lockErased, readErased, shareErased } from './erased.js';
import { Prisma } from './generated/client.js';
import { LockPlanOutdatedError } from './lock-plan-outdated.js';
import { isOfPerson, isPseudonym, type MeetingPlace, placeOf, withoutPerson } from './pseudonyms.js';
import type { Statements } from './statements.js';
import { type Attempt, inTransaction, type TransactionOptions } from './transaction.js';

/** An id that an event ties to an erased person, and that has no pseudonym yet. */
interface NewId {
  readonly place: MeetingPlace;
  /** Internal, of a connection; or external, where the person was erased by the internal id that stood for them. */
  readonly id: string;
  readonly isExternal: boolean;
  /** The person's pseudonym. */
  readonly person: string;
}

/** Ends a transaction that came upon ids without a pseudonym. Never leaves this file. */
class NewIdsError extends Error {
  readonly code = 'new_ids';
  readonly ids: readonly NewId[];

  constructor(ids: readonly NewId[]) {
    super('events tie new ids to erased persons');
    this.ids = ids;
  }
}

export interface WithoutErasedOptions extends TransactionOptions {
  /** Of the process. Where it says that nothing was erased, `work` begins before that is known to hold still, and is done again where it does not. */
  readonly memory?: { nothingErased: boolean } | undefined;
}

/**
 * Runs `work` in one transaction with the events as they may be kept: under pseudonyms where they tell of erased persons, and without
 * those of erased meetings. An erasure waits for the end of the transaction, so that nothing it has to see is hidden from it.
 *
 * A connection that is new for an erased person gets its pseudonym first, also in what is journalled of it already. So does the external id
 * that a connection turns out to be of, where the person was erased by the internal one: in that meeting, since nobody named the external
 * id to be erased everywhere (docs/privacy.md, "Erasing by an internal id").
 *
 * @param key of `readKey(…, 'erasure')` of packages/config; null is enough while nothing was ever erased
 * @throws ErasureKeyError
 */
export async function withoutErased<T>(
  store: Store,
  events: readonly ConferenceEvent[],
  key: Buffer | null,
  work: (db: Statements, events: readonly ConferenceEvent[], attempt: Attempt) => Promise<T>,
  { memory, ...options }: WithoutErasedOptions = {},
): Promise<T> {
  for (;;) {
    try {
      return await inTransaction(
        store,
        async (db, attempt) => {
          if (memory?.nothingErased === true && attempt.number === 1) {
            const [isErased, result] = await Promise.all([shareErased(db), work(db, events, attempt)]);
            if (!isErased) return result;
            memory.nothingErased = false;
            throw new LockPlanOutdatedError();
          }
          const isErased = await shareErased(db);
          if (memory !== undefined) memory.nothingErased = !isErased;
          if (!isErased) return work(db, events, attempt);
          const erased = await readErased(db, events, key);
          return work(db, key === null ? events : redact(events, erased, key), attempt);
        },
        options,
      );
    } catch (error) {
      if (!(error instanceof NewIdsError) || key === null) throw error;
      const { meter, beforeAgain } = options;
      await beforeAgain?.();
      await inTransaction(store, (db) => cover(db, key, error.ids), { meter, beforeAgain });
      await beforeAgain?.();
    }
  }
}

/** @throws NewIdsError */
function redact(events: readonly ConferenceEvent[], erased: Erased, key: Buffer): ConferenceEvent[] {
  const ids: NewId[] = [];
  const redacted = events.flatMap((event): ConferenceEvent[] => {
    const place = placeOf(event);
    if (erased.hasMeeting(place)) return [];
    const of = erased.in(place);
    const { person, details } = event;
    const internalId = person?.internalId ?? null;
    const externalId = person?.externalId ?? null;
    if (internalId !== null && externalId !== null) {
      const external = of(externalId);
      const internal = of(internalId);
      if (external !== null && internal === null && !isPseudonym(internalId)) {
        ids.push({ place, id: internalId, isExternal: false, person: external });
      }
      // Else all that was erased with the connection would be this person's from now on. Of a connection that is only one of an erased
      // person's, who shares it is somebody else.
      if (external === null && internal !== null && isOfPerson(internal) && !isPseudonym(externalId)) {
        ids.push({ place, id: externalId, isExternal: true, person: internal });
      }
    }
    const fields = withoutPerson({ internalId, externalId, name: person?.name ?? null, details }, of, key);
    if (fields === null) return [event];
    const { details: kept, ...names } = fields;
    return [{ ...event, details: kept, person: person === null ? null : names }];
  });
  if (ids.length > 0) throw new NewIdsError(ids);
  return redacted;
}

async function cover(db: Statements, key: Buffer, newIds: readonly NewId[]): Promise<void> {
  await lockErased(db);
  await keepKey(db, key);
  for (const { place, id, isExternal, person } of newIds) {
    const occurrenceIds = await occurrencesAt(db, place);
    if (isExternal) {
      // Another one than the connection's: ids are renamed one to one.
      const pseudonym = (await keepConnections(db, key, place, [id], person)).get(id) ?? person;
      await renameInOccurrence(db, key, { place, occurrenceIds, userId: id, person: pseudonym, connections: [] });
    } else {
      await renameInOccurrence(db, key, { place, occurrenceIds, userId: null, person, connections: [id] });
    }
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
