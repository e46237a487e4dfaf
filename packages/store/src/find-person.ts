import { Prisma } from './generated/client.js';
import type { MeetingPlace } from './pseudonyms.js';
import type { Statements } from './statements.js';

/** A person of an access URL, by the id that the read API tells: the external one, else the internal one that stands for them. */
export interface Person {
  readonly accessUrlId: number;
  readonly userId: string;
}

/** Ids of the occurrences that hold anything of the person, or whose owner the person is, or was; sorted. */
export async function findPerson(db: Statements, person: Person): Promise<string[]> {
  const { userId } = person;
  return occurrencesOf(db, person, Prisma.sql`i.internal_user_id = ${userId} OR i.external_user_id = ${userId}`);
}

/** As what an id is known that may be a connection's. */
export interface KnownAs {
  /** A person, by an external id or by an internal one that stands for them, somewhere in the access URL. */
  readonly person: boolean;
  /** An internal id that stands for a person, since no external one was told. */
  readonly standsIn: boolean;
  /** External ids of those whose connection it is, sorted. */
  readonly tiedTo: readonly string[];
}

export async function knownAs(db: Statements, person: Person): Promise<KnownAs> {
  const { accessUrlId, userId } = person;
  const ties = await db.query<{ externalId: string | null }>(Prisma.sql`
    SELECT DISTINCT i.external_user_id AS "externalId"
    FROM conference_identity i JOIN conference_meeting m ON m.id = i.meeting_id
    WHERE m.access_url_id = ${accessUrlId} AND i.internal_user_id = ${userId}
    ORDER BY 1`);
  const untied = Prisma.sql`i.internal_user_id = ${userId} AND i.external_user_id IS NULL`;
  const occurrences = await occurrencesOf(db, person, Prisma.sql`i.external_user_id = ${userId} OR (${untied})`);
  return {
    person: occurrences.length > 0,
    standsIn: ties.some(({ externalId }) => externalId === null),
    tiedTo: ties.flatMap(({ externalId }) => (externalId === null || externalId === userId ? [] : [externalId])),
  };
}

/** @param identity which ties `i` count */
async function occurrencesOf(db: Statements, { accessUrlId, userId }: Person, identity: Prisma.Sql): Promise<string[]> {
  // Who is in the journal of a meeting that is known is a participant of it: only the journals of others need to be looked through.
  const rows = await db.query<{ id: string }>(Prisma.sql`
    SELECT m.id::text AS id
    FROM conference_meeting m
    WHERE m.access_url_id = ${accessUrlId} AND (
      m.user_id::text = ${userId}
      OR (m.announced_at IS NOT NULL AND EXISTS (SELECT 1 FROM conference_event e WHERE e.meeting_id = m.id AND ${ownedBy(userId)}))
      OR m.id IN (SELECT p.meeting_id FROM participant p WHERE p.person_key = ${userId})
      OR m.id IN (SELECT i.meeting_id FROM conference_identity i WHERE ${identity})
      OR (NOT m.known AND EXISTS (
        SELECT 1 FROM conference_event e WHERE e.meeting_id = m.id AND e.external_user_id = ${userId}
      ))
    )
    ORDER BY m.id`);
  return rows.map(({ id }) => id);
}

/** Whether an event `e` announces a meeting as the person's. Who owns a meeting has a number, which is the external id too. */
export function ownedBy(userId: string): Prisma.Sql {
  return Prisma.sql`(e.external_user_id IS NULL AND e.internal_user_id IS NULL
    AND e.kind = 'meeting_announced' AND e.details #>> '{meeting,userId}' = ${userId})`;
}

/** Null where there is no such occurrence any more. */
export async function placeOfOccurrence(db: Statements, id: string): Promise<MeetingPlace | null> {
  const [row] = await db.query<MeetingPlace>(Prisma.sql`
    SELECT m.access_url_id AS "accessUrlId", m.internal_meeting_id AS "internalId", m.remote_id AS "externalId"
    FROM conference_meeting m WHERE m.id = ${id}::bigint`);
  return row ?? null;
}

/** The names under which the person is known, and the internal ids of the person's connections, in these occurrences. */
export async function namesOfPerson(
  db: Statements,
  { userId }: Person,
  occurrenceIds: readonly string[],
): Promise<{ names: string[]; connections: string[] }> {
  const names = new Set<string>();
  const connections = new Set<string>();
  for (const id of occurrenceIds) {
    const rows = await db.query<{ name: string | null; connection: string | null }>(Prisma.sql`
      SELECT p.name, NULL AS connection FROM participant p WHERE p.meeting_id = ${id}::bigint AND p.person_key = ${userId}
      UNION
      SELECT e.person_name, e.internal_user_id FROM conference_event e
      WHERE e.meeting_id = ${id}::bigint AND e.external_user_id = ${userId}
      UNION
      SELECT NULL, i.internal_user_id FROM conference_identity i
      WHERE i.meeting_id = ${id}::bigint AND i.external_user_id = ${userId}`);
    for (const row of rows) {
      if (row.name !== null) names.add(row.name);
      if (row.connection !== null) connections.add(row.connection);
    }
  }
  return { names: [...names], connections: [...connections] };
}
