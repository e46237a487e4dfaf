import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { Prisma } from './generated/client.js';
import { LockPlanOutdatedError } from './lock-plan-outdated.js';
import { rowsAs } from './rows-as.js';
import { asMs, type Statements } from './statements.js';

/** The event that ties an internal user id to an external one. */
export interface TieMark {
  /** Unix ms. */
  readonly at: number;
  readonly identity: string;
}

/** An event and the id of its occurrence. */
export interface PlacedEvent {
  readonly meetingId: string;
  readonly event: ConferenceEvent;
  /** Whether the occurrence has its external id from this event. */
  readonly namesRoom: boolean;
}

/** One person of one occurrence. */
export interface PersonPlace {
  readonly meetingId: string;
  readonly personKey: string;
}

/** Events of `from` without an external id of their own belong to `to` now. */
export interface MovedPerson {
  readonly from: PersonPlace;
  readonly to: PersonPlace;
}

interface Identity {
  readonly meetingId: string;
  readonly internalId: string;
  readonly externalId: string | null;
  readonly tiedAt: number | null;
  readonly tiedIdentity: string | null;
}

/** Which person an internal user id stands for, in the occurrences of a batch (docs/metrics.md, "Person"). */
export class Ties {
  readonly #identities: ReadonlyMap<string, Identity>;
  readonly moved: readonly MovedPerson[];

  constructor(identities: ReadonlyMap<string, Identity>, moved: readonly MovedPerson[]) {
    this.#identities = identities;
    this.moved = moved;
  }

  /** The events that tie, to be remembered once the transaction is committed, by name. */
  marks(): [string, TieMark][] {
    return [...this.#identities].flatMap(([name, { tiedAt, tiedIdentity }]): [string, TieMark][] =>
      tiedAt === null || tiedIdentity === null ? [] : [[name, { at: tiedAt, identity: tiedIdentity }]],
    );
  }

  /** The person of an event: its own external id, else the one its internal id is tied to, else the internal id; null if none. */
  personOf({ meetingId, event }: PlacedEvent): PersonPlace | null {
    const person = event.person;
    if (person === null) return null;
    if (person.externalId !== null) return { meetingId, personKey: person.externalId };
    if (person.internalId === null) return null;
    const tied = this.#identities.get(tieName(meetingId, person.internalId))?.externalId;
    return { meetingId, personKey: tied ?? person.internalId };
  }
}

/**
 * Locks the (occurrence, internal user id) rows of the events in sorted order, makes those that are not there, and keeps the ties
 * that the events tell: of several the one with the earliest (time, identity).
 *
 * A tie only ever gives way to an earlier one. So where all of an id's events tell their person themselves, and the id is remembered as tied
 * no later than by any of them, its row can be left alone: nothing of it changes, and nobody asks for it.
 *
 * @param remembered events that tied ids in a transaction that was committed, by {@link tieName}
 */
export async function lockTies(
  db: Statements,
  events: readonly PlacedEvent[],
  remembered: Pick<ReadonlyMap<string, TieMark>, 'get'> | null,
): Promise<Ties> {
  const told = new Map<string, Identity>();
  const asked = new Set<string>();
  for (const placed of events) {
    const identity = tellingOf(placed);
    if (identity === null) continue;
    const key = tieName(identity.meetingId, identity.internalId);
    told.set(key, earlier(told.get(key), identity));
    if (identity.externalId === null) asked.add(key);
  }
  for (const [key, identity] of told) {
    if (!asked.has(key) && isSettled(remembered?.get(key), identity)) told.delete(key);
  }
  if (told.size === 0) return new Ties(new Map(), []);

  const after = new Map(told);
  const rows = await takeIdentities(db, [...told.values()].sort(byPlace));
  if (rows.length < told.size) throw new LockPlanOutdatedError();
  // Who had no row had no event, so that nothing moves.
  const kept = rows.filter(({ isNew }) => !isNew);

  const changed: Identity[] = [];
  const moved: MovedPerson[] = [];
  for (const before of kept) {
    const key = tieName(before.meetingId, before.internalId);
    const now = earlier(before, told.get(key) ?? before);
    after.set(key, now);
    if (now.tiedIdentity !== before.tiedIdentity) changed.push(now);
    if (now.externalId !== null && now.externalId !== before.externalId) {
      const { meetingId } = before;
      const from = before.externalId ?? before.internalId;
      if (from !== now.externalId)
        moved.push({ from: { meetingId, personKey: from }, to: { meetingId, personKey: now.externalId } });
    }
  }
  await keep(db, changed);
  return new Ties(after, moved);
}

/**
 * Makes the rows that are not there, with their ties, and then locks the others, each in sorted order. Rows that another transaction makes
 * meanwhile are in neither part.
 */
async function takeIdentities(db: Statements, identities: readonly Identity[]): Promise<(Identity & { isNew: boolean })[]> {
  return db.query(Prisma.sql`
    WITH told AS MATERIALIZED (SELECT * FROM ${rowsAs('w', TIE, identities)}),
    made AS (
      INSERT INTO conference_identity (meeting_id, internal_user_id, external_user_id, tied_at, tied_identity)
      SELECT w."meetingId", w."internalId", w."externalId", w."tiedAt", w."tiedIdentity"
      FROM told w
      WHERE NOT EXISTS (
        SELECT 1 FROM conference_identity i WHERE i.meeting_id = w."meetingId" AND i.internal_user_id = w."internalId"
      )
      ORDER BY 1, 2
      ON CONFLICT (meeting_id, internal_user_id) DO NOTHING
      RETURNING *
    ),
    kept AS (
      SELECT i.*
      FROM told w
      JOIN conference_identity i ON i.meeting_id = w."meetingId" AND i.internal_user_id = w."internalId"
      ORDER BY i.meeting_id, i.internal_user_id
      FOR UPDATE OF i
    )
    SELECT ${COLUMNS}, true AS "isNew" FROM made i
    UNION ALL
    SELECT ${COLUMNS}, false FROM kept i`);
}

const COLUMNS = Prisma.sql`
  i.meeting_id::text AS "meetingId", i.internal_user_id AS "internalId", i.external_user_id AS "externalId",
  ${asMs('i.tied_at')} AS "tiedAt", encode(i.tied_identity, 'hex') AS "tiedIdentity"`;

const TIE = {
  meetingId: 'bigint',
  internalId: 'text',
  externalId: 'text',
  tiedAt: 'timestamptz',
  tiedIdentity: 'bytea',
} as const;

async function keep(db: Statements, ties: readonly Identity[]): Promise<void> {
  if (ties.length === 0) return;
  await db.execute(Prisma.sql`
    UPDATE conference_identity i
    SET external_user_id = t."externalId", tied_at = t."tiedAt", tied_identity = t."tiedIdentity"
    FROM ${rowsAs('t', TIE, ties)}
    WHERE i.meeting_id = t."meetingId" AND i.internal_user_id = t."internalId"`);
}

function isSettled(mark: TieMark | undefined, told: Identity): boolean {
  if (mark === undefined || told.tiedAt === null || told.tiedIdentity === null) return false;
  return mark.at < told.tiedAt || (mark.at === told.tiedAt && mark.identity <= told.tiedIdentity);
}

function byPlace(a: Identity, b: Identity): number {
  return compare(a.meetingId, b.meetingId) || compare(a.internalId, b.internalId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tellingOf({ meetingId, event }: PlacedEvent): Identity | null {
  const internalId = event.person?.internalId ?? null;
  if (internalId === null) return null;
  const externalId = event.person?.externalId ?? null;
  if (externalId === null) return { meetingId, internalId, externalId, tiedAt: null, tiedIdentity: null };
  return { meetingId, internalId, externalId, tiedAt: event.at, tiedIdentity: event.identity };
}

function earlier(kept: Identity | undefined, told: Identity): Identity {
  if (kept === undefined || kept.tiedAt === null || kept.tiedIdentity === null) return told.tiedAt === null && kept ? kept : told;
  if (told.tiedAt === null || told.tiedIdentity === null || told.tiedAt > kept.tiedAt) return kept;
  return told.tiedAt < kept.tiedAt || told.tiedIdentity < kept.tiedIdentity ? told : kept;
}

/** Names an internal user id of an occurrence. */
function tieName(meetingId: string, internalId: string): string {
  return `${meetingId}/${internalId}`;
}
