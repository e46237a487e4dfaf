import type { Interval as FoldedInterval } from '@bbb-activity/metrics/session-timeline';
import type { Store } from '@bbb-activity/store/client';
import { listMeetings } from '@bbb-activity/store/meeting-queries';
import { meetingDetail, participantsOf } from '@bbb-activity/store/participant-queries';
import { type PersonTimeline, timelineOf } from '@bbb-activity/store/timeline-queries';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ApiError } from './answers.js';
import { scopeOf } from './caller.js';
import { filterOf } from './meeting-filter.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { MeetingDetailSchema, MeetingParamsSchema, MeetingsPageSchema, MeetingsQuerySchema } from './schemas/meetings.js';
import { ParticipantsSchema } from './schemas/participants.js';
import { type Interval, type TimelineRow, TimelineSchema } from './schemas/timeline.js';
import { isoOf, toldMeeting, toldPeople } from './told-meetings.js';

const ERRORS = { 400: ErrorSchema, ...COMMON_ERRORS };
const ERRORS_OF_ONE = { 404: ErrorSchema, ...ERRORS };

/** Meetings, their people, and what these did when. */
export const meetingRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (app, { store }) => {
  app.get(
    '/api/meetings',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'Meetings, the newest first unless told otherwise',
        operationId: 'listMeetings',
        querystring: MeetingsQuerySchema,
        response: { 200: MeetingsPageSchema, ...ERRORS },
      },
    },
    async (request) => {
      const { sort, order, cursor, limit } = request.query;
      const options = { ...filterOf(request.query), sort, order, cursor, limit };
      const { items, nextCursor } = await listMeetings(store, scopeOf(request), options);
      return { items: items.map(toldMeeting), nextCursor };
    },
  );

  app.get(
    '/api/meetings/:id',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'One meeting with its totals, its parent and its breakout rooms',
        operationId: 'getMeeting',
        params: MeetingParamsSchema,
        response: { 200: MeetingDetailSchema, ...ERRORS_OF_ONE },
      },
    },
    async (request) => {
      const now = Date.now();
      const found = await meetingDetail(store, scopeOf(request), request.params.id, now);
      if (found === null) throw noMeeting(request.params.id);
      const { meeting, totals, presumedEnd, journal, parent, breakouts, expected, absentees } = found;
      return {
        ...toldMeeting(meeting),
        at: isoOf(now),
        presumedEnd,
        journal,
        totals: { ...totals, reactionsBreakdown: { ...totals.reactionsBreakdown } },
        parent: parent === null ? null : { id: parent.id, title: parent.title },
        breakouts: breakouts.map(toldMeeting),
        roster: expected === null ? null : { expected, absent: absentees.length },
      };
    },
  );

  app.get(
    '/api/meetings/:id/participants',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'What each person did in one meeting',
        operationId: 'listParticipants',
        params: MeetingParamsSchema,
        response: { 200: ParticipantsSchema, ...ERRORS_OF_ONE },
      },
    },
    async (request) => {
      const now = Date.now();
      const found = await participantsOf(store, scopeOf(request), request.params.id, now);
      if (found === null) throw noMeeting(request.params.id);
      return toldPeople(found, now);
    },
  );

  app.get(
    '/api/meetings/:id/timeline',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'What each person did when',
        operationId: 'getTimeline',
        params: MeetingParamsSchema,
        response: { 200: TimelineSchema, ...ERRORS_OF_ONE },
      },
    },
    async (request) => {
      const now = Date.now();
      const found = await timelineOf(store, scopeOf(request), request.params.id, now);
      if (found === null) throw noMeeting(request.params.id);
      const { meeting, journal, people } = found;
      const start = meeting.createdAt.getTime();
      const end = meeting.running ? null : (meeting.closedAt?.getTime() ?? start + meeting.durationSeconds * 1_000);
      return { journal, start, end, at: now, items: people.map(toldRow) };
    },
  );
};

export function noMeeting(id: string): ApiError {
  return new ApiError(404, 'not_found', `there is no meeting ${id}`);
}

function toldRow({ presence, talk, microphone, camera, screenshare, ...row }: PersonTimeline): TimelineRow {
  return {
    ...row,
    presence: told(presence),
    talk: told(talk),
    microphone: told(microphone),
    camera: told(camera),
    screenshare: told(screenshare),
    messages: [...row.messages],
    reactions: [...row.reactions],
    hands: [...row.hands],
    pollAnswers: [...row.pollAnswers],
  };
}

function told(intervals: readonly FoldedInterval[]): Interval[] {
  return intervals.map(([start, end]): Interval => [start, end]);
}
