import type { Session, TimerKind } from '@bbb-activity/metrics/session';
import { talkTimerOf } from '@bbb-activity/metrics/told-talk';
import type { MeetingSummary } from '@bbb-activity/store/meeting-queries';
import type { MeetingPeople, ParticipantSummary } from '@bbb-activity/store/participant-queries';
import type { Meeting } from './schemas/meetings.js';
import type { Participant, Participants } from './schemas/participants.js';

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

export function toldMeeting({ createdAt, closedAt, ...meeting }: MeetingSummary): Meeting {
  return { ...meeting, createdAt: createdAt.toISOString(), closedAt: closedAt?.toISOString() ?? null };
}

/** The part of a meeting in which somebody was connected, from 0 to 1; of a meeting of no length all of it. */
export function shareOf(onlineSeconds: number, durationSeconds: number): number {
  if (durationSeconds <= 0) return 1;
  return Math.min(1, Math.round((onlineSeconds / durationSeconds) * 10_000) / 10_000);
}

/** @param now unix ms up to which open sessions count */
export function toldParticipant(person: ParticipantSummary, durationSeconds: number, now: number): Participant {
  const { firstJoinedAt, lastLeftAt, sessionList, ...numbers } = person;
  return {
    ...numbers,
    onlineShare: shareOf(person.onlineSeconds, durationSeconds),
    firstJoinedAt: isoOf(firstJoinedAt),
    lastLeftAt: lastLeftAt === null ? null : isoOf(lastLeftAt),
    running: {
      talk: runs(sessionList, talkTimerOf),
      microphone: runs(sessionList, () => 'microphone'),
      camera: runs(sessionList, () => 'camera'),
      screenshare: runs(sessionList, () => 'screenshare'),
    },
    sessionTimes: sessionList.map((session) => toldSession(session, now)),
  };
}

function runs(sessions: readonly Session[], timerOf: (session: Session) => TimerKind): boolean {
  return sessions.some((session) => session.running[timerOf(session)] !== null);
}

export function toldPeople({ meeting, people, absentees }: MeetingPeople, now: number): Participants {
  return {
    items: people.map((person) => toldParticipant(person, meeting.durationSeconds, now)),
    absentees: [...absentees],
    durationSeconds: meeting.durationSeconds,
    at: isoOf(now),
  };
}

/** Rounded down by itself: the sessions of a person may add up to some seconds less than the person's number. */
export function secondsOnline({ inAt, outAt }: Session, now: number): number {
  return Math.floor(Math.max(0, (outAt ?? now) - inAt) / 1_000);
}

function toldSession(session: Session, now: number): Participant['sessionTimes'][number] {
  const { inAt, outAt, closedBy } = session;
  return {
    inAt: isoOf(inAt),
    outAt: outAt === null ? null : isoOf(outAt),
    closedBy,
    onlineSeconds: secondsOnline(session, now),
  };
}
