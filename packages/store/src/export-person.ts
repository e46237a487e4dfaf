import type { Store } from './client.js';
import { findPerson, ownedBy, type Person } from './find-person.js';
import { Prisma } from './generated/client.js';
import { asMs, isoTime, type Statements } from './statements.js';

/** A part of one occurrence; rows are JSON texts, as the database holds them. */
export type PersonPart =
  | { readonly sort: 'meeting'; readonly json: string }
  | { readonly sort: 'identities' | 'participants' | 'activities' | 'events'; readonly json: string };

/** Rows read at a time. */
const PAGE = 1_000;

/**
 * All that the database holds of a person, occurrence by occurrence, in pages: first the `meeting`, then what it holds of the person.
 * Gives nothing where there is no such person.
 */
export async function* exportPerson(store: Store, person: Person): AsyncGenerator<PersonPart, void, void> {
  const db = store.statements;
  for (const id of await findPerson(db, person)) {
    const { userId } = person;
    // Who owns the meeting is told to the owner alone.
    const ofMeeting = Prisma.sql`
      SELECT CASE WHEN m.user_id::text = ${userId} THEN to_jsonb(m) ELSE to_jsonb(m) - 'user_id' END AS row
      FROM conference_meeting m WHERE m.id = ${id}::bigint`;
    const [meeting] = await jsonOf(db, ofMeeting);
    if (meeting === undefined) continue;
    yield { sort: 'meeting', json: meeting };
    const identities = Prisma.sql`
      SELECT to_jsonb(i) AS row FROM conference_identity i
      WHERE i.meeting_id = ${id}::bigint AND (i.external_user_id = ${userId} OR i.internal_user_id = ${userId})
      ORDER BY i.internal_user_id`;
    for (const json of await jsonOf(db, identities)) yield { sort: 'identities', json };
    const participants = Prisma.sql`
      SELECT to_jsonb(p) AS row FROM participant p WHERE p.meeting_id = ${id}::bigint AND p.person_key = ${userId}`;
    for (const json of await jsonOf(db, participants)) yield { sort: 'participants', json };
    yield* activitiesOf(db, id, userId);
    yield* eventsOf(db, id, userId);
  }
}

async function* activitiesOf(db: Statements, meetingId: string, userId: string): AsyncGenerator<PersonPart, void, void> {
  let last = '0';
  for (;;) {
    const rows = await db.query<{ id: string; json: string }>(Prisma.sql`
      SELECT a.id::text AS id, to_jsonb(a)::text AS json
      FROM participant p JOIN conference_activity a ON a.participant_id = p.id
      WHERE p.meeting_id = ${meetingId}::bigint AND p.person_key = ${userId} AND a.id > ${last}::bigint
      ORDER BY a.id LIMIT ${PAGE}`);
    for (const { json } of rows) yield { sort: 'activities', json };
    last = rows.at(-1)?.id ?? last;
    if (rows.length < PAGE) return;
  }
}

/** The events that the person's numbers are made of (docs/metrics.md, "Person"), and those that announce a meeting as the person's. */
async function* eventsOf(db: Statements, meetingId: string, userId: string): AsyncGenerator<PersonPart, void, void> {
  let last = { at: Number.NEGATIVE_INFINITY, identity: '' };
  for (;;) {
    const after = Number.isFinite(last.at)
      ? Prisma.sql`AND (e.at, e.identity) > (${isoTime(last.at)}::timestamptz, decode(${last.identity}, 'hex'))`
      : Prisma.empty;
    const rows = await db.query<{ at: number; identity: string; json: string }>(Prisma.sql`
      SELECT ${asMs('e.at')} AS at, encode(e.identity, 'hex') AS identity, to_jsonb(e)::text AS json
      FROM conference_event e
      LEFT JOIN conference_identity i ON i.meeting_id = e.meeting_id AND i.internal_user_id = e.internal_user_id
      WHERE e.meeting_id = ${meetingId}::bigint
        AND (COALESCE(e.external_user_id, i.external_user_id, e.internal_user_id) = ${userId} OR ${ownedBy(userId)})
        ${after}
      ORDER BY e.at, e.identity LIMIT ${PAGE}`);
    for (const { json } of rows) yield { sort: 'events', json };
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    last = end;
  }
}

async function jsonOf(db: Statements, query: Prisma.Sql): Promise<string[]> {
  const rows = await db.query<{ json: string }>(Prisma.sql`SELECT q.row::text AS json FROM (${query}) AS q`);
  return rows.map(({ json }) => json);
}
