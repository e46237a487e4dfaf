import type { Store } from '@bbb-activity/store/client';
import { mayReadAccessUrl } from '@bbb-activity/store/read-scope';
import { deleteRoster, putRoster, readRoster } from '@bbb-activity/store/rosters';
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { ApiError } from './answers.js';
import { scopeOf } from './caller.js';
import { rosterOfCsv } from './roster-csv.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import {
  PutRosterSchema,
  type Roster,
  RosterErrorSchema,
  RosterParamsSchema,
  RosterQuerySchema,
  RosterSchema,
} from './schemas/rosters.js';
import { isoOf } from './told-meetings.js';

/** Ten thousand people with long names. */
const MOST_BYTES = 4 * 2 ** 20;
const ERRORS = { 400: ErrorSchema, 404: ErrorSchema, ...COMMON_ERRORS };

/** The people who are expected in a room (docs/dashboard.md, "Rosters"). */
export const rosterRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (app, { store }) => {
  app.addContentTypeParser('text/csv', { parseAs: 'string', bodyLimit: MOST_BYTES }, async (_request: unknown, body: string) =>
    rosterOfCsv(body),
  );

  const place = { params: RosterParamsSchema, querystring: RosterQuerySchema };
  const found = async (accessUrlId: number, remoteId: string): Promise<Roster> => {
    const roster = await readRoster(store, accessUrlId, remoteId);
    if (roster === null) throw noRoster(remoteId);
    return { ...roster, updatedAt: isoOf(roster.updatedAt), people: [...roster.people] };
  };

  app.get(
    '/api/rosters/:remoteId',
    {
      config: { access: 'reader' },
      schema: { summary: 'The roster of a room', operationId: 'getRoster', ...place, response: { 200: RosterSchema, ...ERRORS } },
    },
    async (request) => {
      const { accessUrlId } = request.query;
      if (!mayReadAccessUrl(scopeOf(request), accessUrlId)) throw noRoster(request.params.remoteId);
      return found(accessUrlId, request.params.remoteId);
    },
  );

  app.put(
    '/api/rosters/:remoteId',
    {
      config: { access: 'admin' },
      bodyLimit: MOST_BYTES,
      schema: {
        summary: 'Put the roster of a room in the place of the one there was; as JSON, or as text/csv',
        operationId: 'putRoster',
        ...place,
        body: PutRosterSchema,
        response: { 200: RosterSchema, ...ERRORS, 400: RosterErrorSchema },
      },
    },
    async ({ query: { accessUrlId }, params: { remoteId }, body }) => {
      const people = body.people.map(({ externalUserId, name }) => ({ externalUserId, name: name || null }));
      await putRoster(store, accessUrlId, remoteId, people);
      return found(accessUrlId, remoteId);
    },
  );

  app.delete(
    '/api/rosters/:remoteId',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Remove the roster of a room',
        operationId: 'deleteRoster',
        ...place,
        response: { 204: Type.Null({ description: 'Nothing' }), ...ERRORS },
      },
    },
    async ({ query, params }, reply) => {
      if (!(await deleteRoster(store, query.accessUrlId, params.remoteId))) throw noRoster(params.remoteId);
      return reply.code(204).send(null);
    },
  );
};

function noRoster(remoteId: string): ApiError {
  return new ApiError(404, 'not_found', `the room ${remoteId} has no roster`);
}
