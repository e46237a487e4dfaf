import { metricsDocument } from '@bbb-activity/metrics/metrics-document';
import type { ClosedBy, Session } from '@bbb-activity/metrics/session';
import { Prisma } from './generated/client.js';
import { arrayOf, rowsAs } from './rows-as.js';
import { asMs, type Statements } from './statements.js';

/** A session and the row it is written to. */
export interface SessionRow {
  readonly meetingId: string;
  readonly participantId: string;
  readonly ordinal: number;
  readonly session: Session;
}

/** A session that is to be written. */
export interface WrittenSession extends SessionRow {
  /** Whether it was written before; null where nobody knows. */
  readonly isThere: boolean | null;
}

/** What Chamilo itself writes for a stay. */
const OF_A_STAY = { type: 'participant', event: 'joined' } as const;

/** A session as its row's columns. */
export function sessionColumns({ meetingId, participantId, ordinal, session }: SessionRow) {
  return {
    meeting_id: meetingId,
    participant_id: participantId,
    ordinal,
    ...OF_A_STAY,
    in_at: session.inAt,
    out_at: session.outAt,
    close: session.outAt !== null,
    closed_by: session.closedBy,
    metrics: metricsDocument(session),
    talk_ms: session.elapsed.talk,
    microphone_ms: session.elapsed.microphone,
    camera_ms: session.elapsed.camera,
    screenshare_ms: session.elapsed.screenshare,
    talk_started_at: session.running.talk,
    microphone_started_at: session.running.microphone,
    camera_started_at: session.running.camera,
    screenshare_started_at: session.running.screenshare,
    talk_seen: session.talkSeen,
    messages: session.messages,
    reactions: session.reactions,
    reactions_breakdown: session.reactionsBreakdown,
    hands: session.hands,
    poll_answers: session.pollAnswers,
  };
}

export const SESSION_TYPES = {
  meeting_id: 'bigint',
  participant_id: 'bigint',
  ordinal: 'int',
  type: 'text',
  event: 'text',
  in_at: 'timestamptz',
  out_at: 'timestamptz',
  close: 'boolean',
  closed_by: 'text',
  metrics: 'jsonb',
  talk_ms: 'bigint',
  microphone_ms: 'bigint',
  camera_ms: 'bigint',
  screenshare_ms: 'bigint',
  talk_started_at: 'timestamptz',
  microphone_started_at: 'timestamptz',
  camera_started_at: 'timestamptz',
  screenshare_started_at: 'timestamptz',
  talk_seen: 'boolean',
  messages: 'int',
  reactions: 'int',
  reactions_breakdown: 'jsonb',
  hands: 'int',
  poll_answers: 'int',
} as const satisfies Record<keyof ReturnType<typeof sessionColumns>, string>;

const SESSION_NAMES = Object.keys(SESSION_TYPES);
const SESSION_COLUMNS = Prisma.raw(SESSION_NAMES.join(', '));
const SESSION_CHANGES = Prisma.raw(
  SESSION_NAMES.filter((name) => name !== 'participant_id' && name !== 'ordinal')
    .map((name) => `${name} = EXCLUDED.${name}`)
    .join(', '),
);

/** What never changes of a row that is there. */
const LASTING: ReadonlySet<string> = new Set(['meeting_id', 'participant_id', 'ordinal', 'type', 'event', 'in_at']);
const CHANGING_TYPES = Object.fromEntries(
  Object.entries(SESSION_TYPES).filter(([name]) => name === 'participant_id' || name === 'ordinal' || !LASTING.has(name)),
);
const UPDATES = Prisma.raw(
  SESSION_NAMES.filter((name) => !LASTING.has(name))
    .map((name) => `${name} = n.${name}`)
    .join(', '),
);

/**
 * Writes sessions by (participant, ordinal): a row keeps its id while its ordinal stays.
 *
 * @throws LockPlanOutdatedError where one that was taken to be there is not
 */
export async function writeSessions(db: Statements, sessions: readonly WrittenSession[]): Promise<void> {
  const there = sessions.filter(({ isThere }) => isThere === true);
  await Promise.all([
    updateSessions(db, there),
    upsertSessions(
      db,
      sessions.filter(({ isThere }) => isThere !== true),
    ),
  ]);
}

/** Half the work of an upsert: no row is made and locked first. */
async function updateSessions(db: Statements, sessions: readonly SessionRow[]): Promise<void> {
  if (sessions.length === 0) return;
  await db.executeAll(
    sessions.length,
    Prisma.sql`
    UPDATE conference_activity a SET ${UPDATES}
    FROM ${rowsAs('n', CHANGING_TYPES, sessions.map(sessionColumns))}
    WHERE a.participant_id = n.participant_id AND a.ordinal = n.ordinal`,
  );
}

async function upsertSessions(db: Statements, sessions: readonly SessionRow[]): Promise<void> {
  if (sessions.length === 0) return;
  await db.execute(Prisma.sql`
    INSERT INTO conference_activity (${SESSION_COLUMNS})
    SELECT ${SESSION_COLUMNS} FROM ${rowsAs('n', SESSION_TYPES, sessions.map(sessionColumns))}
    ON CONFLICT (participant_id, ordinal) DO UPDATE SET ${SESSION_CHANGES}`);
}

/** Removes the sessions from `count` on of participants that were folded again. */
export async function deleteSurplusSessions(
  db: Statements,
  participants: readonly { readonly participantId: string; readonly count: number }[],
): Promise<void> {
  if (participants.length === 0) return;
  await db.execute(Prisma.sql`
    DELETE FROM conference_activity a
    USING ${rowsAs('p', { participantId: 'bigint', count: 'int' }, participants)}
    WHERE a.participant_id = p."participantId" AND a.ordinal >= p.count`);
}

/** A session as it was stored, with its participant's id. */
export interface StoredSession {
  readonly participantId: string;
  readonly session: Session;
}

/** The sessions of a meeting's participants, in order. */
export function readSessions(db: Statements, meetingId: string): Promise<StoredSession[]> {
  return readSessionsOf(db, [meetingId]);
}

/** The sessions of several meetings' participants, of each participant in order. */
export async function readSessionsOf(db: Statements, meetingIds: readonly string[]): Promise<StoredSession[]> {
  const rows = await db.query<SessionColumns>(Prisma.sql`
    SELECT a.participant_id::text AS "participantId", ${asMs('a.in_at')} AS "inAt", ${asMs('a.out_at')} AS "outAt",
      a.closed_by AS "closedBy", a.talk_ms::float8 AS "talkMs", a.microphone_ms::float8 AS "microphoneMs",
      a.camera_ms::float8 AS "cameraMs", a.screenshare_ms::float8 AS "screenshareMs",
      ${asMs('a.talk_started_at')} AS "talkStartedAt", ${asMs('a.microphone_started_at')} AS "microphoneStartedAt",
      ${asMs('a.camera_started_at')} AS "cameraStartedAt", ${asMs('a.screenshare_started_at')} AS "screenshareStartedAt",
      a.talk_seen AS "talkSeen", a.messages, a.reactions, a.reactions_breakdown AS "reactionsBreakdown", a.hands,
      a.poll_answers AS "pollAnswers"
    FROM conference_activity a
    WHERE a.meeting_id = ANY(${arrayOf(meetingIds, 'bigint')}) AND a.ordinal IS NOT NULL
    ORDER BY a.participant_id, a.ordinal`);
  return rows.map(({ participantId, ...row }) => ({
    participantId,
    session: {
      inAt: row.inAt,
      outAt: row.outAt,
      closedBy: row.closedBy,
      elapsed: { talk: row.talkMs, microphone: row.microphoneMs, camera: row.cameraMs, screenshare: row.screenshareMs },
      running: {
        talk: row.talkStartedAt,
        microphone: row.microphoneStartedAt,
        camera: row.cameraStartedAt,
        screenshare: row.screenshareStartedAt,
      },
      talkSeen: row.talkSeen,
      messages: row.messages,
      reactions: row.reactions,
      reactionsBreakdown: row.reactionsBreakdown,
      hands: row.hands,
      pollAnswers: row.pollAnswers,
    },
  }));
}

interface SessionColumns {
  readonly participantId: string;
  readonly inAt: number;
  readonly outAt: number | null;
  readonly closedBy: ClosedBy | null;
  readonly talkMs: number;
  readonly microphoneMs: number;
  readonly cameraMs: number;
  readonly screenshareMs: number;
  readonly talkStartedAt: number | null;
  readonly microphoneStartedAt: number | null;
  readonly cameraStartedAt: number | null;
  readonly screenshareStartedAt: number | null;
  readonly talkSeen: boolean;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly pollAnswers: number;
}
