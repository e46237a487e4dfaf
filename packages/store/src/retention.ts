import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { lockOccurrenceById } from './lock-occurrences.js';
import { isFlat } from './occurrence.js';
import { sealedFlatKey } from './sealed-occurrences.js';
import { inTransaction } from './transaction.js';

/** What one step of emptying did. */
export interface EmptyingStep {
  /** Events of which only the identity is left now. */
  readonly events: number;
  /** Whether nothing is left to empty. */
  readonly done: boolean;
}

/** Occurrences whose first event is older than the time of retention, and whose journal is kept all the same, by the reason. */
export interface KeptJournals {
  /** Neither ended nor presumed so; of flat occurrences those in which somebody is inside. */
  readonly goingOn: number;
  /** Flat occurrences of which something arrived since: a room that is used again and again is one occurrence. */
  readonly roomsInUse: number;
  /** Over, but something of them arrived since. */
  readonly heardSince: number;
}

const before = (days: number) => Prisma.sql`now() - make_interval(days => ${days}::int)`;

/** The time of the first event is the sender's word: one that lies in the future says nothing about the age. */
const isOld = (days: number) => Prisma.sql`(m.created_at < ${before(days)} OR m.created_at > now())`;

/** It ended, or was presumed so, or nobody knows of it (it waits), or it is a flat one with nobody inside. */
const IS_OVER = Prisma.sql`(
  m.presumed_end IS NOT NULL OR NOT m.known
  OR CASE
    WHEN m.internal_meeting_id IS NOT NULL THEN m.ended_at IS NOT NULL
    ELSE NOT EXISTS (
      SELECT 1 FROM conference_activity a WHERE a.meeting_id = m.id AND a.close = false AND a.ordinal IS NOT NULL
    )
  END
)`;

/** Of an event whose own time lies in the future the arrival counts: a clock that was wrong must not keep a journal until then. */
const wasHeardSince = (days: number) => Prisma.sql`(
  EXISTS (SELECT 1 FROM conference_event e WHERE e.meeting_id = m.id AND e.received_at >= ${before(days)})
  OR EXISTS (SELECT 1 FROM conference_event e WHERE e.meeting_id = m.id AND e.at >= ${before(days)} AND e.at <= now())
)`;

/** The condition by which an occurrence `m` is over and forgotten: its last event is older than `days` days, by its own time and by its arrival. */
function isExpired(days: number): Prisma.Sql {
  return Prisma.sql`${isOld(days)} AND ${IS_OVER} AND NOT ${wasHeardSince(days)}`;
}

/** What retention leaves although it is old, for the operator to know (docs/operations.md, "Retention"). */
export async function countKeptJournals(store: Store, days: number): Promise<KeptJournals> {
  const [kept] = await store.statements.query<KeptJournals>(Prisma.sql`
    SELECT
      count(*) FILTER (WHERE NOT over)::int AS "goingOn",
      count(*) FILTER (WHERE over AND flat AND heard)::int AS "roomsInUse",
      count(*) FILTER (WHERE over AND NOT flat AND heard)::int AS "heardSince"
    FROM (
      SELECT ${IS_OVER} AS over, ${wasHeardSince(days)} AS heard, m.internal_meeting_id IS NULL AS flat
      FROM conference_meeting m
      WHERE m.emptied_at IS NULL AND m.sealed_at IS NULL AND ${isOld(days)}
    ) AS old`);
  return kept ?? { goingOn: 0, roomsInUse: 0, heardSince: 0 };
}

/** Ids of occurrences whose journal is to be emptied, oldest first, those that are half empty among them. */
export async function findExpiredOccurrences(store: Store, days: number, limit: number): Promise<string[]> {
  const rows = await store.statements.query<{ id: string }>(Prisma.sql`
    SELECT m.id::text AS id
    FROM conference_meeting m
    WHERE m.emptied_at IS NULL AND (m.sealed_at IS NOT NULL OR (${isExpired(days)}))
    ORDER BY m.created_at
    LIMIT ${limit}`);
  return rows.map(({ id }) => id);
}

/**
 * Seals an occurrence that is expired still once it is locked: from now on its rows are as they are, and no event is applied to it
 * (docs/metrics.md, "Sealed occurrences"). Sealing is one transaction before the first row of the journal goes, so that a
 * half-emptied journal is never folded.
 *
 * @returns whether it is sealed, now or already
 */
export async function sealOccurrence(store: Store, id: string, days: number): Promise<boolean> {
  return inTransaction(store, async (db) => {
    const row = await lockOccurrenceById(db, id);
    if (row === null || row.sealed) return row !== null;
    const key = isFlat(row) ? sealedFlatKey(row.id, row.key) : row.key;
    const sealed = await db.execute(Prisma.sql`
      UPDATE conference_meeting m
      SET sealed_at = now(), occurrence_key = ${key}, sealed_until = COALESCE(
        (SELECT max(CASE WHEN e.at > now() THEN e.received_at ELSE e.at END) FROM conference_event e WHERE e.meeting_id = m.id), LEAST(m.created_at, now())
      )
      WHERE m.id = ${id}::bigint AND ${isExpired(days)}`);
    return sealed === 1;
  });
}

/**
 * Takes the next `rows` rows, at most, of what a sealed occurrence's numbers were made of: of the events all but their identities, then
 * the ties, then the states of the fold. The rows with the numbers stay.
 */
export async function emptyJournalStep(store: Store, id: string, rows: number): Promise<EmptyingStep> {
  return inTransaction(store, async (db) => {
    const row = await lockOccurrenceById(db, id);
    if (row === null || !row.sealed) return { events: 0, done: true };
    const events = await db.execute(Prisma.sql`
      UPDATE conference_event e
      SET kind = '', name = '', at = 'epoch', received_at = 'epoch', remote_id = NULL, internal_user_id = NULL,
        external_user_id = NULL, person_name = NULL, details = '{}'
      WHERE e.identity IN (
        SELECT o.identity FROM conference_event o WHERE o.meeting_id = ${id}::bigint AND o.kind <> '' LIMIT ${rows}
      )`);
    if (events > 0) return { events, done: false };
    const ties = await db.execute(Prisma.sql`
      DELETE FROM conference_identity i
      WHERE i.meeting_id = ${id}::bigint AND i.internal_user_id IN (
        SELECT o.internal_user_id FROM conference_identity o WHERE o.meeting_id = ${id}::bigint LIMIT ${rows}
      )`);
    if (ties > 0) return { events: 0, done: false };
    const states = await db.execute(Prisma.sql`
      UPDATE participant p
      SET state = '{}'
      WHERE p.id IN (
        SELECT o.id FROM participant o WHERE o.meeting_id = ${id}::bigint AND o.state <> '{}'::jsonb LIMIT ${rows}
      )`);
    if (states > 0) return { events: 0, done: false };
    await db.execute(Prisma.sql`UPDATE conference_meeting SET emptied_at = now() WHERE id = ${id}::bigint`);
    return { events: 0, done: true };
  });
}
