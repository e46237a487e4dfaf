import type { MeetingEnd } from '@bbb-activity/metrics/fold-event';
import { Prisma } from './generated/client.js';
import { JOURNAL_COLUMNS, type JournalEvent, readMeetingEvents } from './journal.js';
import { endOf, heardEnd, isFlat, type Occurrence } from './occurrence.js';
import { bytesOf } from './rows.js';
import { lastSignOfLife } from './signs-of-life.js';
import { asJson, asMs, isoTime, type Statements } from './statements.js';

/** What the whole journal of one occurrence tells, but for the participants' own events. */
export interface OccurrenceJournal {
  /** The occurrence as the journal makes it. `known` and the mark of a presumed end are not the journal's: they are as stored. */
  readonly occurrence: Occurrence;
  /** Its `meeting_created` and `meeting_announced`. */
  readonly facts: readonly JournalEvent[];
  /** The ends of a flat occurrence, which are events of every participant. */
  readonly flatEnds: readonly JournalEvent[];
  /** The end of the sessions; null where the occurrence goes on, or is flat. */
  readonly end: MeetingEnd | null;
  /** Rows of `conference_identity`. */
  readonly ties: readonly TieColumns[];
  /** Every person, with the internal ids by which events without an external id are theirs. */
  readonly persons: ReadonlyMap<string, readonly string[]>;
}

export interface TieColumns {
  readonly meeting_id: string;
  readonly internal_user_id: string;
  readonly external_user_id: string | null;
  readonly tied_at: string | null;
  readonly tied_identity: string | null;
}

/** Reads it; null where the journal has no event of the occurrence. Nothing of what was derived before is believed. */
export async function readOccurrenceJournal(db: Statements, stored: Occurrence): Promise<OccurrenceJournal | null> {
  const [span] = await db.query<{ firstAt: number | null }>(Prisma.sql`
    SELECT ${asMs('min(e.at)')} AS "firstAt" FROM conference_event e WHERE e.meeting_id = ${stored.id}::bigint`);
  if (span === undefined || span.firstAt === null) return null;

  const told = await readMeetingEvents(db, [stored.id], ['meeting_created', 'meeting_announced', 'meeting_ended']);
  const ends = told.filter((event) => event.kind === 'meeting_ended');
  const times = ends.map((event) => event.at);
  const endedAt = heardEnd(stored, times);
  const presumedEnd = endedAt !== null && !isFlat(stored) ? null : stored.presumedEnd;
  const closedAt = presumedEnd === null ? stored.closedAt : await lastSignOfLife(db, stored.id);
  const occurrence: Occurrence = {
    ...stored,
    ...(await roomOf(db, stored)),
    createdAt: span.firstAt,
    endedAt,
    presumedEnd,
    closedAt,
  };
  const ties = await readTies(db, stored.id);
  return {
    occurrence,
    facts: told.filter((event) => event.kind !== 'meeting_ended'),
    flatEnds: isFlat(stored) ? ends : [],
    end: endOf(occurrence),
    ties,
    persons: await readPersons(db, stored.id, new Map(ties.map((tie) => [tie.internal_user_id, tie.external_user_id]))),
  };
}

/** The events of some persons, whole: each with the person's key. */
export async function readPersonsEvents(
  db: Statements,
  meetingId: string,
  persons: readonly (readonly [personKey: string, internalIds: readonly string[]])[],
): Promise<(JournalEvent & { readonly personKey: string })[]> {
  const keys = persons.map(([personKey]) => personKey);
  const ids = persons.flatMap(([personKey, internalIds]) => internalIds.map((internalId) => ({ personKey, internalId })));
  return db.query(Prisma.sql`
    SELECT e.external_user_id AS "personKey", ${JOURNAL_COLUMNS}
    FROM conference_event e
    WHERE e.meeting_id = ${meetingId}::bigint AND e.external_user_id IN (SELECT jsonb_array_elements_text(${asJson(keys)}))
    UNION ALL
    SELECT p."personKey", ${JOURNAL_COLUMNS}
    FROM jsonb_to_recordset(${asJson(ids)}) AS p("personKey" text, "internalId" text)
    JOIN conference_event e
      ON e.meeting_id = ${meetingId}::bigint AND e.external_user_id IS NULL AND e.internal_user_id = p."internalId"`);
}

/** What names the occurrence. Where the journal does not tell, as for a row of an earlier version, it stays as it is. */
async function roomOf(db: Statements, stored: Occurrence): Promise<Pick<Occurrence, 'remoteId' | 'remoteAt' | 'remoteIdentity'>> {
  if (isFlat(stored)) return { remoteId: stored.key.slice('x:'.length) || null, remoteAt: null, remoteIdentity: null };
  const [named] = await db.query<{ remoteId: string; remoteAt: number; remoteIdentity: string }>(Prisma.sql`
    SELECT e.remote_id AS "remoteId", ${asMs('e.at')} AS "remoteAt", encode(e.identity, 'hex') AS "remoteIdentity"
    FROM conference_event e
    WHERE e.meeting_id = ${stored.id}::bigint AND e.remote_id IS NOT NULL
    ORDER BY e.at, e.identity
    LIMIT 1`);
  return named ?? { remoteId: stored.remoteId, remoteAt: stored.remoteAt, remoteIdentity: stored.remoteIdentity };
}

/** Of several ties the one with the earliest (time, identity); an internal id that nothing ties has a row too. */
async function readTies(db: Statements, meetingId: string): Promise<TieColumns[]> {
  const found = await db.query<{ internalId: string; externalId: string | null; at: number; identity: string }>(Prisma.sql`
    SELECT DISTINCT ON (e.internal_user_id) e.internal_user_id AS "internalId", e.external_user_id AS "externalId",
      ${asMs('e.at')} AS at, encode(e.identity, 'hex') AS identity
    FROM conference_event e
    WHERE e.meeting_id = ${meetingId}::bigint AND e.internal_user_id IS NOT NULL
    ORDER BY e.internal_user_id, e.external_user_id IS NULL, e.at, e.identity`);
  return found.map(({ internalId, externalId, at, identity }) => ({
    meeting_id: meetingId,
    internal_user_id: internalId,
    external_user_id: externalId,
    tied_at: externalId === null ? null : isoTime(at),
    tied_identity: externalId === null ? null : bytesOf(identity),
  }));
}

async function readPersons(
  db: Statements,
  meetingId: string,
  ties: ReadonlyMap<string, string | null>,
): Promise<Map<string, string[]>> {
  const named = await db.query<{ externalId: string | null; internalId: string | null }>(Prisma.sql`
    SELECT DISTINCT e.external_user_id AS "externalId",
      CASE WHEN e.external_user_id IS NULL THEN e.internal_user_id END AS "internalId"
    FROM conference_event e
    WHERE e.meeting_id = ${meetingId}::bigint AND (e.external_user_id IS NOT NULL OR e.internal_user_id IS NOT NULL)`);
  const persons = new Map<string, string[]>();
  for (const { externalId, internalId } of named) {
    const personKey = externalId ?? ties.get(internalId ?? '') ?? internalId;
    if (personKey === null) continue;
    const internalIds = persons.get(personKey) ?? [];
    if (internalId !== null) internalIds.push(internalId);
    persons.set(personKey, internalIds);
  }
  return persons;
}
