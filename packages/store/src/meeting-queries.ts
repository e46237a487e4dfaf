import { participantTotals } from '@bbb-activity/metrics/participant-totals';
import type { TalkSourceOfMany } from '@bbb-activity/metrics/told-talk';
import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { groupBy } from './group-by.js';
import { readSessions } from './sessions.js';
import { asMs, isoTime } from './statements.js';

/** An occurrence as it is told to people. */
export interface MeetingSummary {
  readonly id: string;
  /** External meeting id; null while no event told it. */
  readonly remoteId: string | null;
  readonly internalMeetingId: string | null;
  /** The meeting's own, else the room's as it was announced, else the external or internal id. */
  readonly title: string;
  readonly status: string;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
}

export interface ListMeetingsOptions {
  readonly remoteId?: string;
  /** From the page before. */
  readonly cursor?: string;
  readonly limit?: number;
}

export interface MeetingPage {
  readonly items: readonly MeetingSummary[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** One participant's numbers over all their sessions in a meeting, seconds whole. */
export interface ParticipantSummary {
  /** The internal user id where no event told an external one. */
  readonly externalUserId: string;
  readonly name: string | null;
  readonly sessions: number;
  readonly onlineSeconds: number;
  readonly talkSeconds: number;
  readonly talkSource: TalkSourceOfMany;
  readonly microphoneSeconds: number;
  readonly cameraSeconds: number;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly online: boolean;
}

/** A cursor that no page of this product gave. */
export class InvalidCursorError extends Error {
  readonly code = 'invalid_cursor';

  constructor() {
    super('the cursor is not one that a page of meetings gave');
  }
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/**
 * Meetings that are known, newest first. A flat occurrence in which nobody did anything (the modern endpoint announces rooms without
 * an internal id) is left out where the room has another occurrence.
 *
 * @throws InvalidCursorError
 */
export async function listMeetings(store: Store, options: ListMeetingsOptions = {}): Promise<MeetingPage> {
  const limit = Math.min(Math.max(1, Math.trunc(options.limit ?? DEFAULT_LIMIT)), MAX_LIMIT);
  const after = options.cursor === undefined ? null : readCursor(options.cursor);
  const conditions = [
    Prisma.sql`m.known`,
    Prisma.sql`(
      m.internal_meeting_id IS NOT NULL
      OR EXISTS (SELECT 1 FROM conference_activity a WHERE a.meeting_id = m.id)
      OR NOT EXISTS (
        SELECT 1 FROM conference_meeting o
        WHERE o.access_url_id = m.access_url_id AND o.remote_id = m.remote_id AND o.internal_meeting_id IS NOT NULL AND o.known
      )
    )`,
  ];
  if (options.remoteId !== undefined) conditions.push(Prisma.sql`m.remote_id = ${options.remoteId}`);
  if (after !== null) {
    conditions.push(Prisma.sql`(m.created_at, m.id) < (${isoTime(after.createdAt)}::timestamptz, ${after.id}::bigint)`);
  }
  const rows = await readMeetings(
    store,
    Prisma.sql`
    WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** One known meeting; null where there is none of that id. */
export async function getMeeting(store: Store, id: string): Promise<MeetingSummary | null> {
  if (!isId(id)) return null;
  const [meeting] = await readMeetings(store, Prisma.sql`WHERE m.known AND m.id = ${id}::bigint`);
  return meeting ?? null;
}

/**
 * The people of a meeting with their numbers at `now` (unix ms), sorted by name and id; null where there is no such meeting. Who has
 * no row, since none of their events opened one, took no part.
 */
export async function participantsOf(store: Store, meetingId: string, now: number): Promise<ParticipantSummary[] | null> {
  if ((await getMeeting(store, meetingId)) === null) return null;
  const db = store.statements;
  const people = await db.query<{ id: string; personKey: string; name: string | null }>(Prisma.sql`
    SELECT p.id::text AS id, p.person_key AS "personKey", p.name
    FROM participant p
    WHERE p.meeting_id = ${meetingId}::bigint
      AND EXISTS (SELECT 1 FROM conference_activity a WHERE a.participant_id = p.id)`);
  const sessions = groupBy(await readSessions(db, meetingId), (stored) => stored.participantId);
  return people.sort(byNameAndId).map(({ id, personKey, name }) => {
    const totals = participantTotals(
      (sessions.get(id) ?? []).map((stored) => stored.session),
      now,
    );
    return {
      externalUserId: personKey,
      name,
      sessions: totals.sessions,
      onlineSeconds: totals.onlineSeconds,
      talkSeconds: totals.talkSeconds,
      talkSource: totals.talkSource,
      microphoneSeconds: totals.microphoneSeconds,
      cameraSeconds: totals.cameraSeconds,
      messages: totals.messages,
      reactions: totals.reactions,
      reactionsBreakdown: totals.reactionsBreakdown,
      hands: totals.hands,
      online: totals.online,
    };
  });
}

interface MeetingRow extends Omit<MeetingSummary, 'createdAt' | 'closedAt'> {
  readonly createdMs: number;
  readonly closedMs: number | null;
}

async function readMeetings(store: Store, rest: Prisma.Sql): Promise<MeetingSummary[]> {
  const rows = await store.statements.query<MeetingRow>(Prisma.sql`
    SELECT m.id::text AS id, m.remote_id AS "remoteId", m.internal_meeting_id AS "internalMeetingId", m.status,
      ${asMs('m.created_at')} AS "createdMs", ${asMs('m.closed_at')} AS "closedMs",
      COALESCE(
        NULLIF(m.title, ''),
        (
          SELECT r.title FROM conference_meeting r
          WHERE r.access_url_id = m.access_url_id AND r.remote_id = m.remote_id AND r.announced_at IS NOT NULL AND r.title <> ''
          ORDER BY r.announced_at DESC, r.announced_identity DESC
          LIMIT 1
        ),
        m.remote_id, m.internal_meeting_id, ''
      ) AS title
    FROM conference_meeting m
    ${rest}`);
  return rows.map(({ createdMs, closedMs, ...row }) => ({
    ...row,
    createdAt: new Date(createdMs),
    closedAt: closedMs === null ? null : new Date(closedMs),
  }));
}

function byNameAndId(a: { name: string | null; personKey: string }, b: { name: string | null; personKey: string }): number {
  return byLetter.compare(a.name ?? '', b.name ?? '') || byLetter.compare(a.personKey, b.personKey);
}

/** É stands with E, and user 9 before user 10, whatever the language. */
const byLetter = new Intl.Collator('und', { numeric: true });

function cursorOf(meeting: MeetingSummary): string {
  return Buffer.from(`${meeting.createdAt.getTime()}.${meeting.id}`).toString('base64url');
}

function readCursor(cursor: string): { createdAt: number; id: string } {
  const match = /^(-?\d{1,15})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  const [, createdAt, id] = match ?? [];
  if (createdAt === undefined || id === undefined) throw new InvalidCursorError();
  return { createdAt: Number(createdAt), id };
}

function isId(id: string): boolean {
  return /^\d{1,18}$/.test(id);
}
