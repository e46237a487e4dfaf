import type { EventDetails, EventKind } from '@bbb-activity/events/conference-event';
import { FOLD_KINDS, type FoldEvent, type FoldKind } from '@bbb-activity/metrics/fold-event';
import { Prisma } from './generated/client.js';
import { arrayOf, rowsAs } from './rows-as.js';
import { asMs, type Statements } from './statements.js';
import type { PlacedEvent } from './ties.js';

/** An event as the journal keeps it. */
export interface JournalEvent {
  readonly identity: string;
  readonly kind: EventKind;
  /** Unix ms. */
  readonly at: number;
  readonly internalUserId: string | null;
  readonly personName: string | null;
  readonly details: EventDetails;
}

/** A journal's event of one participant. */
export interface ParticipantEvent extends JournalEvent {
  readonly participantId: string;
}

/** Columns of a {@link JournalEvent}; `e` is the journal. */
export const JOURNAL_COLUMNS = Prisma.sql`
  encode(e.identity, 'hex') AS identity, e.kind, ${asMs('e.at')} AS at, e.internal_user_id AS "internalUserId",
  e.person_name AS "personName", e.details`;

export function journalEventOf({ event }: PlacedEvent): JournalEvent {
  return {
    identity: event.identity,
    kind: event.kind,
    at: event.at,
    internalUserId: event.person?.internalId ?? null,
    personName: event.person?.name ?? null,
    details: event.details,
  };
}

/** What the fold reads of an event; null for what it does not read. */
export function foldEventOf(event: JournalEvent): FoldEvent | null {
  if (!isFoldKind(event.kind)) return null;
  return {
    identity: event.identity,
    at: event.at,
    kind: event.kind,
    connection: event.internalUserId,
    stream: event.details.stream ?? null,
    emoji: event.details.emoji ?? null,
    hand: event.details.hand ?? null,
  };
}

const FOLD_KIND_NAMES: ReadonlySet<string> = new Set(FOLD_KINDS);

function isFoldKind(kind: EventKind): kind is FoldKind {
  return FOLD_KIND_NAMES.has(kind);
}

const WRITTEN = {
  identity: 'bytea',
  meetingId: 'bigint',
  kind: 'text',
  name: 'text',
  at: 'timestamptz',
  internalUserId: 'text',
  externalUserId: 'text',
  personName: 'text',
  details: 'jsonb',
  remoteId: 'text',
} as const;

/** What the journal took. */
export interface Journalled {
  /** Those that it did not have, in their order. */
  readonly fresh: readonly PlacedEvent[];
  /** The revision that rows have which this transaction writes; null where it has written nothing. */
  readonly revision: string | null;
}

/** Writes events to the journal. */
export async function writeJournal(db: Statements, events: readonly PlacedEvent[]): Promise<Journalled> {
  if (events.length === 0) return { fresh: [], revision: null };
  const rows = events.map(({ meetingId, event, namesRoom }) => ({
    identity: event.identity,
    meetingId,
    kind: event.kind,
    name: event.name,
    at: event.at,
    internalUserId: event.person?.internalId,
    externalUserId: event.person?.externalId,
    personName: event.person?.name,
    details: event.details,
    remoteId: namesRoom ? event.meeting.externalId : null,
  }));
  // Most batches are new from end to end: only the others are told which of them.
  const [written] = await db.query<{ identities: string[] | null; none: boolean; revision: string | null }>(Prisma.sql`
    WITH written AS (
      INSERT INTO conference_event
        (identity, meeting_id, kind, name, at, internal_user_id, external_user_id, person_name, details, remote_id)
      SELECT identity, "meetingId", kind, name, at, "internalUserId", "externalUserId", "personName", details, "remoteId"
      FROM ${rowsAs('n', WRITTEN, rows)}
      ORDER BY identity
      ON CONFLICT (identity) DO NOTHING
      RETURNING identity
    )
    SELECT CASE WHEN count(*) < ${rows.length}::int THEN array_agg(encode(identity, 'hex')) END AS identities,
      count(*) = 0 AS none, pg_current_xact_id_if_assigned()::xid::text AS revision
    FROM written`);
  if (written === undefined) throw new Error('an aggregate gave no row');
  const { none, identities, revision } = written;
  if (none) return { fresh: [], revision };
  if (identities === null) return { fresh: events, revision };
  const fresh = new Set(identities);
  return { fresh: events.filter(({ event }) => fresh.has(event.identity)), revision };
}

/** A participant whose journal is to be read. */
export interface JournalOwner {
  readonly id: string;
  readonly meetingId: string;
  readonly personKey: string;
}

/** Every event of the participants, of each in no order: by their external id, by tied internal ids, by an id that stands for them. */
export async function readJournals(db: Statements, owners: readonly JournalOwner[]): Promise<ParticipantEvent[]> {
  if (owners.length === 0) return [];
  const wanted = Prisma.sql`${rowsAs('p', { id: 'text', meetingId: 'bigint', personKey: 'text' }, owners)}`;
  return db.query<ParticipantEvent>(Prisma.sql`
    SELECT p.id AS "participantId", ${JOURNAL_COLUMNS}
    FROM ${wanted}
    JOIN conference_event e ON e.meeting_id = p."meetingId" AND e.external_user_id = p."personKey"
    UNION ALL
    SELECT p.id, ${JOURNAL_COLUMNS}
    FROM ${wanted}
    JOIN conference_identity i ON i.meeting_id = p."meetingId" AND i.external_user_id = p."personKey"
    JOIN conference_event e
      ON e.meeting_id = i.meeting_id AND e.external_user_id IS NULL AND e.internal_user_id = i.internal_user_id
    UNION ALL
    SELECT p.id, ${JOURNAL_COLUMNS}
    FROM ${wanted}
    JOIN conference_identity i
      ON i.meeting_id = p."meetingId" AND i.internal_user_id = p."personKey" AND i.external_user_id IS NULL
    JOIN conference_event e
      ON e.meeting_id = i.meeting_id AND e.external_user_id IS NULL AND e.internal_user_id = i.internal_user_id`);
}

/** The events of some kinds that concern the meetings alone, by meeting id. */
export async function readMeetingEvents(
  db: Statements,
  meetingIds: readonly string[],
  kinds: readonly EventKind[],
): Promise<(JournalEvent & { readonly meetingId: string })[]> {
  if (meetingIds.length === 0) return [];
  return db.query(Prisma.sql`
    SELECT e.meeting_id::text AS "meetingId", ${JOURNAL_COLUMNS}
    FROM conference_event e
    WHERE e.meeting_id = ANY(${arrayOf(meetingIds, 'bigint')})
      AND e.external_user_id IS NULL AND e.internal_user_id IS NULL
      AND e.kind = ANY(${arrayOf(kinds, 'text')})`);
}
