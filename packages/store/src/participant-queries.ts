import { participantTotals } from '@bbb-activity/metrics/participant-totals';
import type { Session } from '@bbb-activity/metrics/session';
import type { TalkSourceOfMany } from '@bbb-activity/metrics/told-talk';
import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { breakoutsOf, getMeeting, type MeetingSummary } from './meeting-queries.js';
import { type ParticipantSummary, peopleOf } from './people-queries.js';
import type { ReadScope } from './read-scope.js';
import { type RosterEntry, readRoster } from './rosters.js';

export type { ParticipantSummary } from './people-queries.js';

/** A meeting with everybody who took part. */
export interface MeetingPeople {
  readonly meeting: MeetingSummary;
  /** By name. */
  readonly people: readonly ParticipantSummary[];
  /** Who is on the room's roster and did not come, by name. */
  readonly absentees: readonly RosterEntry[];
  /** How many are on the roster; null where there is none. */
  readonly expected: number | null;
}

/** The people of a meeting at `now` (unix ms); null where there is no such meeting that may be read. */
export async function participantsOf(
  store: Store,
  scope: ReadScope,
  meetingId: string,
  now: number,
): Promise<MeetingPeople | null> {
  const meeting = await getMeeting(store, scope, meetingId, now);
  if (meeting === null) return null;
  const [people, roster] = await Promise.all([
    peopleOf(store.statements, [meeting.id], now),
    meeting.remoteId === null ? null : readRoster(store, meeting.accessUrlId, meeting.remoteId),
  ]);
  const own = people.get(meeting.id) ?? [];
  const here = new Set(own.map(({ externalUserId }) => externalUserId));
  const absentees = (roster?.people ?? []).filter(({ externalUserId }) => !here.has(externalUserId));
  return { meeting, people: own, absentees, expected: roster?.people.length ?? null };
}

/** Sums over the people of a meeting: of the seconds that are told of each, so that they are what a table of them adds up to. */
export interface MeetingTotals {
  readonly sessions: number;
  readonly onlineSeconds: number;
  readonly talkSeconds: number;
  readonly talkSource: TalkSourceOfMany;
  readonly microphoneSeconds: number;
  readonly cameraSeconds: number;
  readonly screenshareSeconds: number;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly pollAnswers: number;
}

/** A meeting and what belongs to it. */
export interface MeetingDetail extends MeetingPeople {
  readonly totals: MeetingTotals;
  readonly presumedEnd: 'not_running' | 'silence' | null;
  /** Whether its events are still in the journal. */
  readonly journal: boolean;
  /** The meeting whose breakout room it is, where that may be read. */
  readonly parent: MeetingSummary | null;
  readonly breakouts: readonly MeetingSummary[];
}

/** A meeting at `now` (unix ms); null where there is no such meeting that may be read. */
export async function meetingDetail(
  store: Store,
  scope: ReadScope,
  meetingId: string,
  now: number,
): Promise<MeetingDetail | null> {
  const found = await participantsOf(store, scope, meetingId, now);
  if (found === null) return null;
  const { meeting, people } = found;
  const [facts, parent, breakouts] = await Promise.all([
    store.statements.query<{ presumedEnd: 'not_running' | 'silence' | null; sealed: boolean }>(Prisma.sql`
      SELECT m.presumed_end AS "presumedEnd", m.sealed_at IS NOT NULL AS sealed
      FROM conference_meeting m WHERE m.id = ${meeting.id}::bigint`),
    meeting.parentId === null ? null : getMeeting(store, scope, meeting.parentId, now),
    breakoutsOf(store, scope, meeting, now),
  ]);
  const [fact] = facts;
  return {
    ...found,
    totals: totalsOf(people, now),
    presumedEnd: fact?.presumedEnd ?? null,
    journal: fact?.sealed === false,
    parent,
    breakouts,
  };
}

function totalsOf(people: readonly ParticipantSummary[], now: number): MeetingTotals {
  const sum = (of: (one: ParticipantSummary) => number) => people.reduce((total, one) => total + of(one), 0);
  const sessions: readonly Session[] = people.flatMap(({ sessionList }) => sessionList);
  // What has no seconds adds up the same from all sessions.
  const { talkSource, reactionsBreakdown } = participantTotals(sessions, now);
  return {
    sessions: sessions.length,
    onlineSeconds: sum((one) => one.onlineSeconds),
    talkSeconds: sum((one) => one.talkSeconds),
    talkSource,
    microphoneSeconds: sum((one) => one.microphoneSeconds),
    cameraSeconds: sum((one) => one.cameraSeconds),
    screenshareSeconds: sum((one) => one.screenshareSeconds),
    messages: sum((one) => one.messages),
    reactions: sum((one) => one.reactions),
    reactionsBreakdown,
    hands: sum((one) => one.hands),
    pollAnswers: sum((one) => one.pollAnswers),
  };
}
