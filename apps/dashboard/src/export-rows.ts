import { type ParticipantTotals, participantTotals } from '@bbb-activity/metrics/participant-totals';
import type { MeetingPeople, ParticipantSummary } from '@bbb-activity/store/participant-queries';
import type { ExportQuery } from './schemas/exports.js';
import { shareOf } from './told-meetings.js';

/** Cells by their columns' names, in the columns' order; null is an empty cell. */
export type ExportRow = Readonly<Record<string, string | number | null>>;

const MEETING_COLUMNS = [
  'meeting_id',
  'access_url_id',
  'room_id',
  'internal_meeting_id',
  'meeting',
  'meeting_began_utc',
  'meeting_ended_utc',
  'meeting_duration',
  'meeting_duration_seconds',
] as const;
const NUMBER_COLUMNS = [
  'online',
  'online_seconds',
  'online_share',
  'talk',
  'talk_seconds',
  'talk_source',
  'microphone',
  'microphone_seconds',
  'camera',
  'camera_seconds',
  'screenshare',
  'screenshare_seconds',
  'messages',
  'reactions',
  'reactions_breakdown',
  'hands',
  'poll_answers',
] as const;

/** The columns of an export, in their order (docs/dashboard.md, "Exports"). */
export const EXPORT_COLUMNS = {
  participant: [
    ...MEETING_COLUMNS,
    'user_id',
    'name',
    'attendance',
    'sessions',
    'first_joined_utc',
    'last_left_utc',
    ...NUMBER_COLUMNS,
  ],
  session: [...MEETING_COLUMNS, 'user_id', 'name', 'session', 'joined_utc', 'left_utc', 'closed_by', ...NUMBER_COLUMNS],
} as const satisfies Record<NonNullable<ExportQuery['rows']>, readonly string[]>;

/** A row for each participant, and for each who was expected and did not come. */
export function participantRows({ meeting, people, absentees }: MeetingPeople, now: number): ExportRow[] {
  const cells = meetingCells({ meeting });
  const present = people.map(
    (person): ExportRow => ({
      ...cells,
      user_id: person.externalUserId,
      name: person.name,
      attendance: 'present',
      sessions: person.sessions,
      first_joined_utc: utc(person.firstJoinedAt),
      last_left_utc: utc(person.lastLeftAt),
      ...numberCells(person, meeting.durationSeconds),
    }),
  );
  const absent = absentees.map(
    ({ externalUserId, name }): ExportRow => ({
      ...cells,
      user_id: externalUserId,
      name,
      attendance: 'absent',
      sessions: 0,
      first_joined_utc: null,
      last_left_utc: null,
      ...numberCells(participantTotals([], now), meeting.durationSeconds),
    }),
  );
  return [...present, ...absent];
}

/** A row for each session of each participant. */
export function sessionRows({ meeting, people }: MeetingPeople, now: number): ExportRow[] {
  const cells = meetingCells({ meeting });
  const rowsOf = ({ externalUserId, name, sessionList }: ParticipantSummary) =>
    sessionList.map(
      (session, index): ExportRow => ({
        ...cells,
        user_id: externalUserId,
        name,
        session: index + 1,
        joined_utc: utc(session.inAt),
        left_utc: utc(session.outAt),
        closed_by: session.closedBy,
        ...numberCells(participantTotals([session], now), meeting.durationSeconds),
      }),
    );
  return people.flatMap(rowsOf);
}

function meetingCells({ meeting }: Pick<MeetingPeople, 'meeting'>): ExportRow {
  return {
    meeting_id: meeting.id,
    access_url_id: meeting.accessUrlId,
    room_id: meeting.remoteId,
    internal_meeting_id: meeting.internalMeetingId,
    meeting: meeting.title,
    meeting_began_utc: utc(meeting.createdAt.getTime()),
    meeting_ended_utc: utc(meeting.closedAt?.getTime() ?? null),
    meeting_duration: clock(meeting.durationSeconds),
    meeting_duration_seconds: meeting.durationSeconds,
  };
}

function numberCells(totals: ParticipantTotals, durationSeconds: number): ExportRow {
  return {
    online: clock(totals.onlineSeconds),
    online_seconds: totals.onlineSeconds,
    online_share: totals.sessions === 0 ? 0 : shareOf(totals.onlineSeconds, durationSeconds),
    talk: clock(totals.talkSeconds),
    talk_seconds: totals.talkSeconds,
    talk_source: totals.talkSource,
    microphone: clock(totals.microphoneSeconds),
    microphone_seconds: totals.microphoneSeconds,
    camera: clock(totals.cameraSeconds),
    camera_seconds: totals.cameraSeconds,
    screenshare: clock(totals.screenshareSeconds),
    screenshare_seconds: totals.screenshareSeconds,
    messages: totals.messages,
    reactions: totals.reactions,
    reactions_breakdown: Object.entries(totals.reactionsBreakdown)
      .map(([emoji, count]) => `${emoji} ${count}`)
      .join(' '),
    hands: totals.hands,
    poll_answers: totals.pollAnswers,
  };
}

/** `27:03:09`: hours go on beyond 24. */
export function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** `2026-11-24 06:30:00`, which spreadsheets read as a time. */
function utc(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
