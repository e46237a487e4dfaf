import { BbbAnswerError } from './errors.js';
import type { BbbAnswer } from './read-answer.js';

/** A meeting as a BBB server tells it. Passwords, names and who is inside are left out: nobody here needs them. */
export interface BbbMeeting {
  readonly externalId: string;
  readonly internalId: string;
  readonly running: boolean;
  /** Unix ms. */
  readonly createdAt: number;
  /** Unix ms; null while it has not ended. */
  readonly endedAt: number | null;
  readonly participants: number;
  readonly isBreakout: boolean;
}

/** The meetings of an answer to `getMeetings`. @throws {BbbAnswerError} where one of them is none */
export function readMeetings(call: string, { meetings }: BbbAnswer): BbbMeeting[] {
  // An empty element is an empty text.
  if (meetings === '') return [];
  if (!isElement(meetings)) throw new BbbAnswerError(call, 200, 'it holds no list of meetings');
  const { meeting = [] } = meetings;
  return (Array.isArray(meeting) ? meeting : [meeting]).map((one: unknown) => {
    if (!isElement(one)) throw new BbbAnswerError(call, 200, 'one of its meetings is none');
    return readMeeting(call, one);
  });
}

/** @throws {BbbAnswerError} */
export function readMeeting(call: string, element: BbbAnswer): BbbMeeting {
  const text = (name: string): string => {
    const value = element[name];
    if (typeof value === 'string' && value !== '') return value;
    throw new BbbAnswerError(call, 200, `a meeting tells no ${name}`);
  };
  const number = (name: string): number => {
    const value = text(name);
    if (/^\d{1,15}$/.test(value)) return Number(value);
    throw new BbbAnswerError(call, 200, `${name} of a meeting is no number`);
  };
  const flag = (name: string): boolean => {
    const value = text(name);
    if (value === 'true' || value === 'false') return value === 'true';
    throw new BbbAnswerError(call, 200, `${name} of a meeting is neither true nor false`);
  };
  const endedAt = element['endTime'] === undefined ? 0 : number('endTime');
  return {
    externalId: text('meetingID'),
    internalId: text('internalMeetingID'),
    running: flag('running'),
    createdAt: number('createTime'),
    endedAt: endedAt === 0 ? null : endedAt,
    participants: number('participantCount'),
    isBreakout: element['isBreakout'] === 'true',
  };
}

function isElement(value: unknown): value is BbbAnswer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
