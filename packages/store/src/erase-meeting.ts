import type { Store } from './client.js';
import { keepKey, keepMeeting, lockErased } from './erased.js';
import { Prisma } from './generated/client.js';
import { lockOccurrenceById } from './lock-occurrences.js';
import { isFlat } from './occurrence.js';
import { asJson, type Statements } from './statements.js';
import { inTransaction } from './transaction.js';

/** An occurrence as it is told to who may erase it. */
export interface MeetingToErase {
  readonly id: string;
  readonly accessUrlId: number;
  readonly internalId: string | null;
  readonly remoteId: string | null;
}

/** What went with one occurrence. */
export interface MeetingErasure {
  readonly events: number;
  readonly participants: number;
  readonly rows: number;
  readonly recordings: number;
}

/** The occurrences of an access URL with this internal meeting id, and those of the room with this external id; sorted by id. */
export async function findMeetingsToErase(store: Store, accessUrlId: number, meetingId: string): Promise<MeetingToErase[]> {
  return store.statements.query<MeetingToErase>(Prisma.sql`
    SELECT m.id::text AS id, m.access_url_id AS "accessUrlId", m.internal_meeting_id AS "internalId", m.remote_id AS "remoteId"
    FROM conference_meeting m
    WHERE m.access_url_id = ${accessUrlId} AND (m.internal_meeting_id = ${meetingId} OR m.remote_id = ${meetingId})
    ORDER BY m.id`);
}

/**
 * Makes sure that no later event of the occurrence is taken in, by a keyed hash of its internal id; `id` is null where no row is known
 * of it. What comes later for the flat
 * occurrence of a room begins a new one, since nothing tells its runs apart.
 *
 * @throws ErasureKeyError
 */
export async function closeMeeting(
  store: Store,
  key: Buffer,
  { id, accessUrlId, internalId }: Pick<MeetingToErase, 'accessUrlId' | 'internalId'> & { readonly id: string | null },
): Promise<void> {
  await inTransaction(store, async (db) => {
    await lockErased(db);
    await keepKey(db, key);
    if (internalId === null) return;
    await keepMeeting(db, key, accessUrlId, internalId);
    // Nobody folds the half of its journal that is left in between.
    await db.execute(Prisma.sql`
      UPDATE conference_meeting SET sealed_at = COALESCE(sealed_at, now()) WHERE id = ${id}::bigint`);
  });
}

/** Events deleted in one transaction. */
const STEP = 5_000;

/**
 * Deletes an occurrence with everything of it, for ever: {@link closeMeeting} first, then the journal in small steps, then the rows.
 * Killed half way, it goes on when it is called again.
 *
 * @throws ErasureKeyError
 */
export async function eraseMeeting(store: Store, key: Buffer, meeting: MeetingToErase): Promise<MeetingErasure> {
  await closeMeeting(store, key, meeting);
  let events = 0;
  // What is flat can still grow: its journal goes with its row, or a batch in between would fold half of it.
  for (let deleted = isFlat(meeting) ? 0 : STEP; deleted === STEP; events += deleted) {
    deleted = await inTransaction(store, (db) => deleteEvents(db, meeting.id, STEP));
  }
  return inTransaction(store, async (db) => {
    await lockErased(db);
    await lockOccurrenceById(db, meeting.id);
    events += await deleteEvents(db, meeting.id, null);
    const counts = await countRows(db, meeting.id);
    await db.execute(Prisma.sql`DELETE FROM conference_meeting WHERE id = ${meeting.id}::bigint`);
    return { events, ...counts };
  });
}

async function deleteEvents(db: Statements, meetingId: string, limit: number | null): Promise<number> {
  await lockOccurrenceById(db, meetingId);
  return db.execute(Prisma.sql`
    DELETE FROM conference_event
    WHERE identity IN (SELECT identity FROM conference_event WHERE meeting_id = ${meetingId}::bigint LIMIT ${limit}::bigint)`);
}

async function countRows(db: Statements, meetingId: string): Promise<Omit<MeetingErasure, 'events'>> {
  const [row] = await db.query<Omit<MeetingErasure, 'events'>>(Prisma.sql`
    SELECT
      (SELECT count(*) FROM participant WHERE meeting_id = m.id)::float8 AS participants,
      (SELECT count(*) FROM conference_activity WHERE meeting_id = m.id)::float8 AS rows,
      (SELECT count(*) FROM conference_recording WHERE meeting_id = m.id)::float8 AS recordings
    FROM jsonb_array_elements_text(${asJson([meetingId])}) AS n(id)
    JOIN conference_meeting m ON m.id = n.id::bigint`);
  return row ?? { participants: 0, rows: 0, recordings: 0 };
}
