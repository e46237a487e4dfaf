import { emptyState, type FoldState } from '@bbb-activity/metrics/fold-state';
import { Prisma } from './generated/client.js';
import type { JournalEvent } from './journal.js';
import { bytesOf, updateRows } from './rows.js';
import { asJson, asMs, isoTime, type Statements } from './statements.js';
import type { PersonPlace } from './ties.js';

/** A participant under lock. */
export interface Participant {
  readonly id: string;
  readonly meetingId: string;
  readonly personKey: string;
  readonly name: string | null;
  /** (time, identity) of the event that told the name. */
  readonly nameAt: number | null;
  readonly nameIdentity: string | null;
  /** As the fold left it; what is no state of the present fold makes it fold the journal again. */
  readonly state: unknown;
  readonly lastAt: number | null;
}

/** What a fold leaves of a participant. */
export interface FoldedParticipant {
  readonly id: string;
  readonly naming: Naming;
  readonly state: FoldState;
  readonly lastAt: number | null;
}

export interface Naming {
  readonly name: string | null;
  readonly nameAt: number | null;
  readonly nameIdentity: string | null;
}

export const UNNAMED: Naming = { name: null, nameAt: null, nameIdentity: null };

export function personName(person: PersonPlace): string {
  return `${person.meetingId}/${person.personKey}`;
}

/**
 * Makes the participants that are not there, sorted. Those of `journalled` meetings have events in the journal that concern them
 * already: they get no state, so that the journal is read.
 */
export async function insertParticipants(
  db: Statements,
  persons: readonly PersonPlace[],
  journalled: ReadonlySet<string>,
): Promise<void> {
  if (persons.length === 0) return;
  const fresh = emptyState();
  const rows = persons.map((person) => ({ ...person, state: journalled.has(person.meetingId) ? {} : fresh }));
  await db.execute(Prisma.sql`
    INSERT INTO participant (meeting_id, person_key, state)
    SELECT n."meetingId", n."personKey", n.state
    FROM jsonb_to_recordset(${asJson(rows)}) AS n("meetingId" bigint, "personKey" text, state jsonb)
    WHERE NOT EXISTS (
      SELECT 1 FROM participant p WHERE p.meeting_id = n."meetingId" AND p.person_key = n."personKey"
    )
    ORDER BY 1, 2
    ON CONFLICT (meeting_id, person_key) DO NOTHING`);
}

/** Makes a participant for every person in the journal of meetings that waited until now. */
export async function insertJournalledParticipants(db: Statements, meetingIds: readonly string[]): Promise<void> {
  if (meetingIds.length === 0) return;
  await db.execute(Prisma.sql`
    INSERT INTO participant (meeting_id, person_key, state)
    SELECT DISTINCT e.meeting_id, COALESCE(e.external_user_id, i.external_user_id, e.internal_user_id), '{}'::jsonb
    FROM conference_event e
    LEFT JOIN conference_identity i ON i.meeting_id = e.meeting_id AND i.internal_user_id = e.internal_user_id
    WHERE e.meeting_id IN (SELECT id::bigint FROM jsonb_array_elements_text(${asJson(meetingIds)}) AS m(id))
      AND COALESCE(e.external_user_id, e.internal_user_id) IS NOT NULL
    ORDER BY 1, 2
    ON CONFLICT (meeting_id, person_key) DO NOTHING`);
}

/** Locks, sorted, those of `persons` that are there, and all participants of `meetingIds`. */
export async function lockParticipants(
  db: Statements,
  persons: readonly PersonPlace[],
  meetingIds: readonly string[],
): Promise<Participant[]> {
  if (persons.length === 0 && meetingIds.length === 0) return [];
  const columns = Prisma.sql`
    p.id::text AS id, p.meeting_id::text AS "meetingId", p.person_key AS "personKey", p.name, ${asMs('p.name_at')} AS "nameAt",
    encode(p.name_identity, 'hex') AS "nameIdentity", p.state, ${asMs('p.last_at')} AS "lastAt"`;
  const listed = Prisma.sql`
    SELECT p.id
    FROM jsonb_to_recordset(${asJson(persons)}) AS w("meetingId" bigint, "personKey" text)
    JOIN participant p ON p.meeting_id = w."meetingId" AND p.person_key = w."personKey"`;
  const wide = Prisma.sql`
    UNION
    SELECT p.id
    FROM jsonb_array_elements_text(${asJson(meetingIds)}) AS m(id)
    JOIN participant p ON p.meeting_id = m.id::bigint`;
  return db.query<Participant>(Prisma.sql`
    SELECT ${columns}
    FROM participant p
    WHERE p.id IN (${listed} ${meetingIds.length === 0 ? Prisma.empty : wide})
    ORDER BY p.meeting_id, p.person_key
    FOR UPDATE OF p`);
}

/** What a fold leaves, by the participant's columns. */
export function foldedColumns({ naming, state, lastAt }: Omit<FoldedParticipant, 'id'>) {
  return {
    name: naming.name,
    name_at: isoTime(naming.nameAt),
    name_identity: bytesOf(naming.nameIdentity),
    state,
    last_at: isoTime(lastAt),
  };
}

export async function updateParticipants(db: Statements, folded: readonly FoldedParticipant[]): Promise<void> {
  await updateRows(
    db,
    'participant',
    folded.map((one) => ({ id: one.id, ...foldedColumns(one) })),
  );
}

/** Removes participants without events; their rows go with them. */
export async function deleteParticipants(db: Statements, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.execute(Prisma.sql`
    DELETE FROM participant
    WHERE id IN (SELECT id::bigint FROM jsonb_array_elements_text(${asJson(ids)}) AS p(id))`);
}

/** The name after some more events: that of the latest, by (time, identity), which tells one. */
export function nameAfter(naming: Naming, events: readonly JournalEvent[]): Naming {
  let latest = naming;
  for (const event of events) {
    if (event.personName === null) continue;
    const { nameAt, nameIdentity } = latest;
    const later = nameAt === null || event.at > nameAt || (event.at === nameAt && event.identity > (nameIdentity ?? ''));
    if (later) latest = { name: event.personName, nameAt: event.at, nameIdentity: event.identity };
  }
  return latest;
}
