import { metricsDocument } from '@bbb-activity/metrics/metrics-document';
import type { ClosedBy, Session } from '@bbb-activity/metrics/session';
import { Prisma } from './generated/client.js';
import { asJson, asMs, isoTime, type Statements } from './statements.js';

/** A session and the row it is written to. */
export interface SessionRow {
  readonly meetingId: string;
  readonly participantId: string;
  readonly ordinal: number;
  readonly session: Session;
}

/** Writes sessions by (participant, ordinal): a row keeps its id while its ordinal stays. */
export async function writeSessions(db: Statements, sessions: readonly SessionRow[]): Promise<void> {
  if (sessions.length === 0) return;
  const rows = sessions.map(({ meetingId, participantId, ordinal, session }) => ({
    meetingId,
    participantId,
    ordinal,
    inAt: isoTime(session.inAt),
    outAt: isoTime(session.outAt),
    close: session.outAt !== null,
    closedBy: session.closedBy,
    metrics: metricsDocument(session),
    talkMs: session.elapsed.talk,
    microphoneMs: session.elapsed.microphone,
    cameraMs: session.elapsed.camera,
    screenshareMs: session.elapsed.screenshare,
    talkStartedAt: isoTime(session.running.talk),
    microphoneStartedAt: isoTime(session.running.microphone),
    cameraStartedAt: isoTime(session.running.camera),
    screenshareStartedAt: isoTime(session.running.screenshare),
    talkSeen: session.talkSeen,
    messages: session.messages,
    reactions: session.reactions,
    reactionsBreakdown: session.reactionsBreakdown,
    hands: session.hands,
    pollAnswers: session.pollAnswers,
  }));
  // `participant` and `joined` are what Chamilo itself writes for a stay.
  await db.execute(Prisma.sql`
    INSERT INTO conference_activity (
      meeting_id, participant_id, ordinal, type, event, in_at, out_at, close, closed_by, metrics,
      talk_ms, microphone_ms, camera_ms, screenshare_ms,
      talk_started_at, microphone_started_at, camera_started_at, screenshare_started_at,
      talk_seen, messages, reactions, reactions_breakdown, hands, poll_answers
    )
    SELECT
      "meetingId", "participantId", ordinal, 'participant', 'joined', "inAt", "outAt", close, "closedBy", metrics,
      "talkMs", "microphoneMs", "cameraMs", "screenshareMs",
      "talkStartedAt", "microphoneStartedAt", "cameraStartedAt", "screenshareStartedAt",
      "talkSeen", messages, reactions, "reactionsBreakdown", hands, "pollAnswers"
    FROM jsonb_to_recordset(${asJson(rows)}) AS n(
      "meetingId" bigint, "participantId" bigint, ordinal int, "inAt" timestamptz, "outAt" timestamptz, close boolean,
      "closedBy" text, metrics jsonb, "talkMs" bigint, "microphoneMs" bigint, "cameraMs" bigint, "screenshareMs" bigint,
      "talkStartedAt" timestamptz, "microphoneStartedAt" timestamptz, "cameraStartedAt" timestamptz,
      "screenshareStartedAt" timestamptz, "talkSeen" boolean, messages int, reactions int, "reactionsBreakdown" jsonb,
      hands int, "pollAnswers" int
    )
    ON CONFLICT (participant_id, ordinal) DO UPDATE SET
      in_at = EXCLUDED.in_at, out_at = EXCLUDED.out_at, close = EXCLUDED.close, closed_by = EXCLUDED.closed_by,
      metrics = EXCLUDED.metrics, talk_ms = EXCLUDED.talk_ms, microphone_ms = EXCLUDED.microphone_ms,
      camera_ms = EXCLUDED.camera_ms, screenshare_ms = EXCLUDED.screenshare_ms,
      talk_started_at = EXCLUDED.talk_started_at, microphone_started_at = EXCLUDED.microphone_started_at,
      camera_started_at = EXCLUDED.camera_started_at, screenshare_started_at = EXCLUDED.screenshare_started_at,
      talk_seen = EXCLUDED.talk_seen, messages = EXCLUDED.messages, reactions = EXCLUDED.reactions,
      reactions_breakdown = EXCLUDED.reactions_breakdown, hands = EXCLUDED.hands, poll_answers = EXCLUDED.poll_answers`);
}

/** Removes the sessions from `count` on of participants that were folded again. */
export async function deleteSurplusSessions(
  db: Statements,
  participants: readonly { readonly participantId: string; readonly count: number }[],
): Promise<void> {
  if (participants.length === 0) return;
  await db.execute(Prisma.sql`
    DELETE FROM conference_activity a
    USING jsonb_to_recordset(${asJson(participants)}) AS p("participantId" bigint, count int)
    WHERE a.participant_id = p."participantId" AND a.ordinal >= p.count`);
}

/** A session as it was stored, with its participant's id. */
export interface StoredSession {
  readonly participantId: string;
  readonly session: Session;
}

/** The sessions of a meeting's participants, in order. */
export async function readSessions(db: Statements, meetingId: string): Promise<StoredSession[]> {
  const rows = await db.query<SessionColumns>(Prisma.sql`
    SELECT a.participant_id::text AS "participantId", ${asMs('a.in_at')} AS "inAt", ${asMs('a.out_at')} AS "outAt",
      a.closed_by AS "closedBy", a.talk_ms::float8 AS "talkMs", a.microphone_ms::float8 AS "microphoneMs",
      a.camera_ms::float8 AS "cameraMs", a.screenshare_ms::float8 AS "screenshareMs",
      ${asMs('a.talk_started_at')} AS "talkStartedAt", ${asMs('a.microphone_started_at')} AS "microphoneStartedAt",
      ${asMs('a.camera_started_at')} AS "cameraStartedAt", ${asMs('a.screenshare_started_at')} AS "screenshareStartedAt",
      a.talk_seen AS "talkSeen", a.messages, a.reactions, a.reactions_breakdown AS "reactionsBreakdown", a.hands,
      a.poll_answers AS "pollAnswers"
    FROM conference_activity a
    WHERE a.meeting_id = ${meetingId}::bigint AND a.ordinal IS NOT NULL
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
