import type { EventDetails } from '@bbb-activity/events/conference-event';
import { keepConnections } from './erased.js';
import { foldParticipants } from './folding.js';
import { Prisma } from './generated/client.js';
import { lockOccurrenceById } from './lock-occurrences.js';
import { endOf, type Occurrence } from './occurrence.js';
import { lockParticipants } from './participants.js';
import { isPseudonym, type MeetingPlace, personPart, withoutPerson } from './pseudonyms.js';
import { asJson, type Statements } from './statements.js';

export interface Renaming {
  readonly place: MeetingPlace;
  /** Of that place, sorted. */
  readonly occurrenceIds: readonly string[];
  /** External id of the person; null where only connections are new. */
  readonly userId: string | null;
  /** The person's pseudonym. */
  readonly person: string;
  /** Internal ids that are the person's, beside those that the occurrences know. */
  readonly connections: readonly string[];
}

export interface RenamingOutcome {
  /** Events of the journal that told of the person. */
  readonly events: number;
  readonly participants: number;
  readonly connections: number;
}

/**
 * Puts pseudonyms in the place of a person's ids and names, everywhere in some occurrences, under {@link lockErased} of `erased.ts` and
 * the occurrences' own locks. The participants whom that touches are folded again from the journal, so that their rows and states
 * follow from it as before; the numbers stay, since ids are renamed one to one.
 */
export async function renameInOccurrence(db: Statements, key: Buffer, renaming: Renaming): Promise<RenamingOutcome> {
  const { place, occurrenceIds, userId, person } = renaming;
  const occurrences: Occurrence[] = [];
  for (const id of occurrenceIds) {
    const occurrence = await lockOccurrenceById(db, id);
    if (occurrence !== null) occurrences.push(occurrence);
  }
  const known = await connectionsOf(db, occurrences, userId);
  const ids = [...new Set([...renaming.connections, ...known])].filter((id) => id !== userId && !isPseudonym(id));
  const connections = await keepConnections(db, key, place, ids, person);
  const names = new Map([...connections, ...(userId === null ? [] : [[userId, person] as const])]);
  let events = 0;
  let participants = 0;
  for (const occurrence of occurrences) {
    events += await renameEvents(db, occurrence.id, names, key);
    if (userId !== null) await forgetOwner(db, occurrence.id, userId);
    await renameIdentities(db, occurrence.id, names);
    participants += await renameParticipants(db, occurrence, names);
  }
  return { events, participants, connections: connections.size };
}

async function connectionsOf(db: Statements, occurrences: readonly Occurrence[], userId: string | null): Promise<string[]> {
  if (userId === null || occurrences.length === 0) return [];
  const meetings = Prisma.sql`SELECT id::bigint FROM jsonb_array_elements_text(${asJson(occurrences.map(({ id }) => id))}) AS m(id)`;
  const rows = await db.query<{ id: string }>(Prisma.sql`
    SELECT i.internal_user_id AS id
    FROM conference_identity i
    WHERE i.meeting_id IN (${meetings}) AND i.external_user_id = ${userId}
    UNION
    SELECT e.internal_user_id
    FROM conference_event e
    WHERE e.meeting_id IN (${meetings}) AND e.external_user_id = ${userId} AND e.internal_user_id IS NOT NULL`);
  return rows.map(({ id }) => id);
}

interface JournalRow {
  readonly identity: string;
  readonly internalId: string | null;
  readonly externalId: string | null;
  readonly name: string | null;
  readonly details: EventDetails;
}

async function renameEvents(db: Statements, meetingId: string, names: ReadonlyMap<string, string>, key: Buffer): Promise<number> {
  const ids = Prisma.sql`(SELECT jsonb_array_elements_text(${asJson([...names.keys()])}))`;
  const rows = await db.query<JournalRow>(Prisma.sql`
    SELECT encode(e.identity, 'hex') AS identity, e.internal_user_id AS "internalId", e.external_user_id AS "externalId",
      e.person_name AS name, e.details
    FROM conference_event e
    WHERE e.meeting_id = ${meetingId}::bigint
      AND (e.external_user_id IN ${ids} OR e.internal_user_id IN ${ids}
        OR (e.kind = 'meeting_announced' AND e.details #>> '{meeting,userId}' IN ${ids}))`);
  const renamed = rows.flatMap(({ identity, ...fields }) => {
    const kept = withoutPerson(fields, (id) => names.get(id) ?? null, key);
    return kept === null ? [] : [{ identity, ...kept }];
  });
  if (renamed.length === 0) return 0;
  return db.execute(Prisma.sql`
    UPDATE conference_event e
    SET internal_user_id = n."internalId", external_user_id = n."externalId", person_name = n.name, details = n.details
    FROM jsonb_to_recordset(${asJson(renamed)})
      AS n(identity text, "internalId" text, "externalId" text, name text, details jsonb)
    WHERE e.identity = decode(n.identity, 'hex')`);
}

/** The platform's user who owns a meeting has a number, which is what it gives as external user id too. */
async function forgetOwner(db: Statements, meetingId: string, userId: string): Promise<void> {
  await db.execute(Prisma.sql`
    UPDATE conference_meeting SET user_id = NULL WHERE id = ${meetingId}::bigint AND user_id::text = ${userId}`);
}

async function renameIdentities(db: Statements, meetingId: string, names: ReadonlyMap<string, string>): Promise<void> {
  await db.execute(Prisma.sql`
    UPDATE conference_identity i
    SET internal_user_id = COALESCE(a.pseudonym, i.internal_user_id), external_user_id = COALESCE(b.pseudonym, i.external_user_id)
    FROM conference_identity o
    LEFT JOIN ${recordsOf(names)} AS a(id text, pseudonym text) ON a.id = o.internal_user_id
    LEFT JOIN ${recordsOf(names)} AS b(id text, pseudonym text) ON b.id = o.external_user_id
    WHERE i.meeting_id = ${meetingId}::bigint AND o.meeting_id = i.meeting_id AND o.internal_user_id = i.internal_user_id
      AND (a.id IS NOT NULL OR b.id IS NOT NULL)`);
}

/** Gives how many participants were the person. */
async function renameParticipants(db: Statements, occurrence: Occurrence, names: ReadonlyMap<string, string>): Promise<number> {
  const rows = [...names].map(([id, pseudonym]) => ({ id, pseudonym, name: personPart(pseudonym) }));
  await mergeParticipants(db, occurrence.id, names);
  const renamed = await db.execute(Prisma.sql`
    UPDATE participant p
    SET person_key = n.pseudonym, name = CASE WHEN p.name IS NOT NULL THEN n.name END
    FROM jsonb_to_recordset(${asJson(rows)}) AS n(id text, pseudonym text, name text)
    WHERE p.meeting_id = ${occurrence.id}::bigint AND p.person_key = n.id`);
  const pseudonyms = asJson([...names.values()]);
  await db.execute(Prisma.sql`
    UPDATE conference_activity a SET activity_data = NULL, signature_file = NULL
    FROM participant p
    WHERE p.meeting_id = ${occurrence.id}::bigint AND p.person_key IN (SELECT jsonb_array_elements_text(${pseudonyms}))
      AND a.participant_id = p.id AND a.ordinal IS NULL`);
  await foldAgain(db, occurrence, await touchedPersons(db, occurrence.id, [...names.values()]));
  return renamed;
}

/**
 * Between the person's erasure and the renaming of this occurrence a batch may have brought them in under the pseudonym, beside the row that is still
 * under their id: what was folded of that one is folded again from the journal, what is no fold goes over to the other.
 */
async function mergeParticipants(db: Statements, meetingId: string, names: ReadonlyMap<string, string>): Promise<void> {
  const twice = Prisma.sql`(
    SELECT o.id AS kept, d.id AS gone FROM ${recordsOf(names)} AS n(id text, pseudonym text)
    JOIN participant o ON o.meeting_id = ${meetingId}::bigint AND o.person_key = n.id
    JOIN participant d ON d.meeting_id = ${meetingId}::bigint AND d.person_key = n.pseudonym)`;
  await db.execute(Prisma.sql`
    UPDATE conference_activity a SET participant_id = t.kept FROM ${twice} AS t WHERE a.participant_id = t.gone AND a.ordinal IS NULL`);
  await db.execute(Prisma.sql`DELETE FROM conference_activity a USING ${twice} AS t WHERE a.participant_id = t.gone`);
  await db.execute(Prisma.sql`DELETE FROM participant p USING ${twice} AS t WHERE p.id = t.gone`);
}

/** Those who are the person, and those who share a connection with the person: their states name it. */
async function touchedPersons(db: Statements, meetingId: string, pseudonyms: readonly string[]): Promise<string[]> {
  const ids = Prisma.sql`(SELECT jsonb_array_elements_text(${asJson(pseudonyms)}))`;
  const rows = await db.query<{ key: string }>(Prisma.sql`
    SELECT jsonb_array_elements_text(${asJson(pseudonyms)}) AS key
    UNION
    SELECT i.external_user_id FROM conference_identity i
    WHERE i.meeting_id = ${meetingId}::bigint AND i.internal_user_id IN ${ids} AND i.external_user_id IS NOT NULL
    UNION
    SELECT e.external_user_id FROM conference_event e
    WHERE e.meeting_id = ${meetingId}::bigint AND e.internal_user_id IN ${ids} AND e.external_user_id IS NOT NULL`);
  return rows.map(({ key }) => key);
}

async function foldAgain(db: Statements, occurrence: Occurrence, persons: readonly string[]): Promise<void> {
  const places = persons.map((personKey) => ({ meetingId: occurrence.id, personKey }));
  const participants = await lockParticipants(db, places, []);
  if (occurrence.sealed) {
    // Nothing folds a sealed occurrence again, so that nobody needs the state.
    const ids = asJson(participants.map(({ id }) => id));
    await db.execute(Prisma.sql`
      UPDATE participant SET state = '{}'::jsonb WHERE id IN (SELECT id::bigint FROM jsonb_array_elements_text(${ids}) AS p(id))`);
    return;
  }
  const end = endOf(occurrence);
  await foldParticipants(
    db,
    participants.map((participant) => ({ participant, occurrence, end, events: [], flatEnds: [], again: true })),
    true,
  );
}

function recordsOf(names: ReadonlyMap<string, string>): Prisma.Sql {
  return Prisma.sql`jsonb_to_recordset(${asJson([...names].map(([id, pseudonym]) => ({ id, pseudonym })))})`;
}
