import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { Prisma } from './generated/client.js';
import { LockPlanOutdatedError } from './lock-occurrences.js';
import { asJson, asMs, isoTime, type Statements } from './statements.js';

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

  /** The person of an event: its own external id, else the one its internal id is tied to, else the internal id; null if none. */
  personOf({ meetingId, event }: PlacedEvent): PersonPlace | null {
    const person = event.person;
    if (person === null) return null;
    if (person.externalId !== null) return { meetingId, personKey: person.externalId };
    if (person.internalId === null) return null;
    const tied = this.#identities.get(placeOf(meetingId, person.internalId))?.externalId;
    return { meetingId, personKey: tied ?? person.internalId };
  }
}

/**
 * Locks the (occurrence, internal user id) rows of the events in sorted order, makes those that are not there, and keeps the ties
 * that the events tell: of several the one with the earliest (time, identity).
 */
export async function lockTies(db: Statements, events: readonly PlacedEvent[]): Promise<Ties> {
  const told = new Map<string, Identity>();
  for (const placed of events) {
    const identity = tellingOf(placed);
    if (identity === null) continue;
    const key = placeOf(identity.meetingId, identity.internalId);
    told.set(key, earlier(told.get(key), identity));
  }
  if (told.size === 0) return new Ties(new Map(), []);

  const wanted = asJson([...told.values()].map(({ meetingId, internalId }) => ({ meetingId, internalId })));
  await db.execute(Prisma.sql`
    INSERT INTO conference_identity (meeting_id, internal_user_id)
    SELECT w."meetingId", w."internalId"
    FROM jsonb_to_recordset(${wanted}) AS w("meetingId" bigint, "internalId" text)
    ORDER BY 1, 2
    ON CONFLICT (meeting_id, internal_user_id) DO NOTHING`);
  const kept = await db.query<Identity>(Prisma.sql`
    SELECT i.meeting_id::text AS "meetingId", i.internal_user_id AS "internalId", i.external_user_id AS "externalId",
      ${asMs('i.tied_at')} AS "tiedAt", encode(i.tied_identity, 'hex') AS "tiedIdentity"
    FROM conference_identity i
    WHERE (i.meeting_id, i.internal_user_id) IN (
      SELECT "meetingId", "internalId" FROM jsonb_to_recordset(${wanted}) AS w("meetingId" bigint, "internalId" text)
    )
    ORDER BY i.meeting_id, i.internal_user_id
    FOR UPDATE OF i`);
  if (kept.length < told.size) throw new LockPlanOutdatedError();

  const after = new Map<string, Identity>();
  const changed: Identity[] = [];
  const moved: MovedPerson[] = [];
  for (const before of kept) {
    const key = placeOf(before.meetingId, before.internalId);
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

async function keep(db: Statements, ties: readonly Identity[]): Promise<void> {
  if (ties.length === 0) return;
  const rows = ties.map((tie) => ({ ...tie, tiedAt: isoTime(tie.tiedAt) }));
  await db.execute(Prisma.sql`
    UPDATE conference_identity i
    SET external_user_id = t."externalId", tied_at = t."tiedAt", tied_identity = decode(t."tiedIdentity", 'hex')
    FROM jsonb_to_recordset(${asJson(rows)})
      AS t("meetingId" bigint, "internalId" text, "externalId" text, "tiedAt" timestamptz, "tiedIdentity" text)
    WHERE i.meeting_id = t."meetingId" AND i.internal_user_id = t."internalId"`);
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

function placeOf(meetingId: string, internalId: string): string {
  return `${meetingId}/${internalId}`;
}
