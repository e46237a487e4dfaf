import { emptyState, type FoldState } from '@bbb-activity/metrics/fold-state';
import { Prisma } from './generated/client.js';
import type { JournalEvent } from './journal.js';
import { arrayOf, rowsAs } from './rows-as.js';
import { asMs, type Statements } from './statements.js';
import type { PersonPlace } from './ties.js';

/** A participant as a transaction found it: under lock, or to be written only if nobody else has meanwhile. */
export interface Participant {
  readonly id: string;
  /** Of the row: another one after any change. Null while there is no row. */
  readonly revision: string | null;
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
export interface FoldedParticipant extends Pick<Participant, 'id' | 'revision' | 'meetingId' | 'personKey'> {
  readonly naming: Naming;
  readonly state: FoldState;
  readonly lastAt: number | null;
}

export interface Naming {
  readonly name: string | null;
  readonly nameAt: number | null;
  readonly nameIdentity: string | null;
}

/** A participant as they are once what was folded is written, under the revision of its transaction. */
export function participantAfter(
  { id, meetingId, personKey, naming, state, lastAt }: FoldedParticipant,
  revision: string,
): Participant {
  const { name, nameAt, nameIdentity } = naming;
  return { id, revision, meetingId, personKey, name, nameAt, nameIdentity, state, lastAt };
}

const PERSON = { meetingId: 'bigint', personKey: 'text' } as const;

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
    FROM ${rowsAs('n', { ...PERSON, state: 'jsonb' }, rows)}
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
    WHERE e.meeting_id = ANY(${arrayOf(meetingIds, 'bigint')})
      AND COALESCE(e.external_user_id, e.internal_user_id) IS NOT NULL
    ORDER BY 1, 2
    ON CONFLICT (meeting_id, person_key) DO NOTHING`);
}

const COLUMNS = Prisma.sql`
  p.id::text AS id, p.xmin::text AS revision, p.meeting_id::text AS "meetingId", p.person_key AS "personKey", p.name,
  ${asMs('p.name_at')} AS "nameAt", encode(p.name_identity, 'hex') AS "nameIdentity", p.state, ${asMs('p.last_at')} AS "lastAt"`;

/** Those of `persons` that are there, without a lock: {@link writeParticipants} tells if another transaction was faster. */
export async function readParticipants(db: Statements, persons: readonly PersonPlace[]): Promise<Participant[]> {
  if (persons.length === 0) return [];
  return db.query<Participant>(Prisma.sql`
    SELECT ${COLUMNS}
    FROM ${rowsAs('w', PERSON, persons)}
    JOIN participant p ON p.meeting_id = w."meetingId" AND p.person_key = w."personKey"`);
}

/** Locks, sorted, those of `persons` that are there, and all participants of `meetingIds`. */
export async function lockParticipants(
  db: Statements,
  persons: readonly PersonPlace[],
  meetingIds: readonly string[],
): Promise<Participant[]> {
  if (persons.length === 0 && meetingIds.length === 0) return [];
  return db.query<Participant>(Prisma.sql`
    SELECT ${COLUMNS}
    FROM participant p
    WHERE p.id IN (
      SELECT l.id
      FROM ${rowsAs('w', PERSON, persons)}
      JOIN participant l ON l.meeting_id = w."meetingId" AND l.person_key = w."personKey"
      UNION
      SELECT l.id FROM participant l WHERE l.meeting_id = ANY(${arrayOf(meetingIds, 'bigint')})
    )
    ORDER BY p.id
    FOR UPDATE OF p`);
}

/**
 * Participants who are not there, with the ids that they will have: they are written once they are folded. Not for meetings whose journal
 * has events that may concern them already.
 */
export async function newParticipants(db: Statements, persons: readonly PersonPlace[]): Promise<Participant[]> {
  if (persons.length === 0) return [];
  const ids = await db.query<{ id: string }>(Prisma.sql`
    SELECT nextval('participant_id_seq')::text AS id FROM generate_series(1, ${persons.length}::int)`);
  const state = emptyState();
  return persons.flatMap(({ meetingId, personKey }, index): Participant[] => {
    const id = ids[index]?.id;
    return id === undefined ? [] : [{ id, revision: null, meetingId, personKey, ...UNNAMED, state, lastAt: null }];
  });
}

/** What a fold leaves, by the participant's columns. */
export function foldedColumns({ naming, state, lastAt }: Pick<FoldedParticipant, 'naming' | 'state' | 'lastAt'>) {
  return {
    name: naming.name,
    name_at: naming.nameAt,
    name_identity: naming.nameIdentity,
    state,
    last_at: lastAt,
  };
}

export const FOLDED_TYPES = {
  name: 'text',
  name_at: 'timestamptz',
  name_identity: 'bytea',
  state: 'jsonb',
  last_at: 'timestamptz',
} as const;

/**
 * Writes participants, and removes those who are `emptied`, each only where it still is as it was read: of the same revision, or not there. First
 * those who are new, in the order of {@link insertParticipants}, then the others, in that of {@link lockParticipants}.
 *
 * @throws LockPlanOutdatedError where another transaction has written one of them meanwhile.
 */
export async function writeParticipants(
  db: Statements,
  folded: readonly FoldedParticipant[],
  emptied: readonly Participant[],
): Promise<void> {
  const there = folded.filter(({ revision }) => revision !== null);
  // Asked for at once, and run in this order.
  await Promise.all([
    insertFolded(
      db,
      folded.filter(({ revision }) => revision === null),
    ),
    // Two statements would each keep the order, but not the two together.
    emptied.length > 0 ? lockByIds(db, [...there, ...emptied]) : undefined,
    updateFolded(db, there),
    deleteParticipants(db, emptied),
  ]);
}

async function lockByIds(db: Statements, participants: readonly Pick<Participant, 'id'>[]): Promise<void> {
  const ids = participants.map(({ id }) => id);
  await db.execute(Prisma.sql`
    SELECT p.id FROM participant p WHERE p.id = ANY(${arrayOf(ids, 'bigint')}) ORDER BY p.id FOR UPDATE OF p`);
}

async function insertFolded(db: Statements, folded: readonly FoldedParticipant[]): Promise<void> {
  if (folded.length === 0) return;
  const rows = folded.map((one) => ({ id: one.id, meetingId: one.meetingId, personKey: one.personKey, ...foldedColumns(one) }));
  await db.executeAll(
    rows.length,
    Prisma.sql`
    INSERT INTO participant (id, meeting_id, person_key, name, name_at, name_identity, state, last_at)
    SELECT n.id, n."meetingId", n."personKey", n.name, n.name_at, n.name_identity, n.state, n.last_at
    FROM ${rowsAs('n', { id: 'bigint', ...PERSON, ...FOLDED_TYPES }, rows)}
    ORDER BY 2, 3
    ON CONFLICT (meeting_id, person_key) DO NOTHING`,
  );
}

async function updateFolded(db: Statements, folded: readonly FoldedParticipant[]): Promise<void> {
  if (folded.length === 0) return;
  const sorted = [...folded].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
  const rows = sorted.map((one) => ({ id: one.id, revision: one.revision, ...foldedColumns(one) }));
  await db.executeAll(
    rows.length,
    Prisma.sql`
    UPDATE participant t
    SET name = n.name, name_at = n.name_at, name_identity = n.name_identity, state = n.state, last_at = n.last_at
    FROM ${rowsAs('n', { id: 'bigint', ...FOLDED_TYPES, revision: 'xid' }, rows)}
    WHERE t.id = n.id AND t.xmin = n.revision`,
  );
}

/**
 * Removes participants without events; their rows go with them.
 *
 * @throws LockPlanOutdatedError where another transaction has written one of them meanwhile, who has events then.
 */
async function deleteParticipants(db: Statements, participants: readonly Pick<Participant, 'id' | 'revision'>[]): Promise<void> {
  const stored = participants.filter(({ revision }) => revision !== null);
  if (stored.length === 0) return;
  await db.executeAll(
    stored.length,
    Prisma.sql`
    DELETE FROM participant t
    USING ${rowsAs('n', { id: 'bigint', revision: 'xid' }, stored)}
    WHERE t.id = n.id AND t.xmin = n.revision`,
  );
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
