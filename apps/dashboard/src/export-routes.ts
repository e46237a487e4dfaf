import type { Readable } from 'node:stream';
import type { Store } from '@bbb-activity/store/client';
import { walkMeetings } from '@bbb-activity/store/meeting-walk';
import { type MeetingPeople, participantsOf } from '@bbb-activity/store/participant-queries';
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { scopeOf } from './caller.js';
import { csvStream, jsonStream } from './export-streams.js';
import { filterOf } from './meeting-filter.js';
import { noMeeting } from './meeting-routes.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { ExportManyQuerySchema, type ExportQuery, ExportQuerySchema } from './schemas/exports.js';
import { MeetingParamsSchema } from './schemas/meetings.js';

const Text = Type.String({ description: 'A file: CSV or JSON, as asked for' });
const ERRORS = { 400: ErrorSchema, ...COMMON_ERRORS };

/** What spreadsheets and other programs take away (docs/dashboard.md, "Exports"). */
export const exportRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (app, { store }) => {
  app.get(
    '/api/meetings/:id/export',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'One meeting as a file',
        operationId: 'exportMeeting',
        params: MeetingParamsSchema,
        querystring: ExportQuerySchema,
        response: { 200: Text, 404: ErrorSchema, ...ERRORS },
      },
    },
    async (request, reply) => {
      const now = Date.now();
      const found = await participantsOf(store, scopeOf(request), request.params.id, now);
      if (found === null) throw noMeeting(request.params.id);
      return sendFile(reply, `meeting-${found.meeting.id}`, only(found), request.query, now);
    },
  );

  app.get(
    '/api/export',
    {
      config: { access: 'reader' },
      schema: {
        summary: 'Many meetings as one file, the newest first',
        operationId: 'exportMeetings',
        querystring: ExportManyQuerySchema,
        response: { 200: Text, ...ERRORS },
      },
    },
    async (request, reply) => {
      const now = Date.now();
      const meetings = await begun(walkMeetings(store, scopeOf(request), filterOf(request.query), now));
      return sendFile(reply, `meetings-${new Date(now).toISOString().slice(0, 10)}`, meetings, request.query, now);
    },
  );
};

/**
 * The same, begun: what keeps a file from being made at all is thrown here, while the answer can still be an error.
 *
 * @throws what reading the first meeting throws
 */
async function begun(meetings: AsyncGenerator<MeetingPeople, void, void>): Promise<AsyncGenerator<MeetingPeople, void, void>> {
  const first = await meetings.next();
  return (async function* () {
    if (first.done === true) return;
    yield first.value;
    yield* meetings;
  })();
}

async function* only(found: MeetingPeople): AsyncGenerator<MeetingPeople, void, void> {
  yield found;
}

function sendFile(
  reply: FastifyReply,
  name: string,
  meetings: AsyncIterable<MeetingPeople>,
  { format = 'csv', rows = 'participant', separator = 'comma' }: ExportQuery,
  now: number,
): FastifyReply {
  const stream: Readable = format === 'csv' ? csvStream(meetings, { rows, separator, now }) : jsonStream(meetings, now);
  const file = format === 'csv' ? `${name}-${rows}s.csv` : `${name}.json`;
  reply.header('content-disposition', `attachment; filename="${file}"`);
  reply.type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8');
  // The response's schema is for the document alone: streams are sent as they are.
  return reply.send(stream);
}
