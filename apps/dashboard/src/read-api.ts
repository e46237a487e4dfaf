import bearerAuth from '@fastify/bearer-auth';
import swagger from '@fastify/swagger';
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { answerToHookError, type HookOperations, hooksApi } from './hooks-api.js';
import { ErrorSchema } from './schemas/common.js';
import { type Meeting, MeetingParamsSchema, MeetingSchema, MeetingsQuerySchema } from './schemas/meetings.js';
import { type Participant, ParticipantSchema } from './schemas/participants.js';

/** What the API reads; packages/store is behind it. */
export interface MeetingReader {
  /** @throws an error with the code `invalid_cursor` for a cursor that it never gave, `database_unreachable` where it cannot read now */
  listMeetings(query: {
    readonly remoteId?: string;
    readonly cursor?: string;
    readonly limit: number;
  }): Promise<{ items: Partial<Meeting>[]; nextCursor: string | null }>;
  /** Null if there is no such meeting. */
  participantsOf(meetingId: string): Promise<Partial<Participant>[] | null>;
}

export interface ReadApiOptions {
  readonly meetings: MeetingReader;
  readonly hooks: HookOperations;
  readonly adminToken: string;
}

const MeetingsPageSchema = Type.Object({
  items: Type.Array(Type.Partial(MeetingSchema)),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
});
const ParticipantsSchema = Type.Object({ items: Type.Array(Type.Partial(ParticipantSchema)) });
const COMMON_ERRORS = { 401: ErrorSchema, 500: ErrorSchema, 503: ErrorSchema };

/** The API under /api: bearer token, one schema for types, validation and the OpenAPI document. */
export const readApi: FastifyPluginAsyncTypebox<ReadApiOptions> = async (app, { meetings, hooks, adminToken }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'bbb-activity', version: '1', description: 'What people did in BigBlueButton meetings' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
  await app.register(bearerAuth, {
    keys: new Set([adminToken]),
    // The scheme's name in any case.
    specCompliance: 'rfc6749',
    errorResponse: () => ({
      error: 'unauthorized',
      message: 'a valid bearer token is needed: Authorization: Bearer <ADMIN_TOKEN>',
    }),
  });

  app.setErrorHandler((error, request, reply) => {
    const told = answerToHookError(error);
    if (told !== null) return reply.code(told.status).send({ error: told.name, message: told.message });
    const { status, name } = answerTo(error);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    if (status === 503) reply.header('retry-after', '2');
    const message = status >= 500 ? `the request failed; the log tells more under ${request.id}` : messageOf(error);
    return reply.code(status).send({ error: name, message });
  });

  await app.register(hooksApi, { hooks });

  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());

  app.get(
    '/api/meetings',
    {
      schema: {
        summary: 'Meetings, the newest first',
        operationId: 'listMeetings',
        querystring: MeetingsQuerySchema,
        response: { 200: MeetingsPageSchema, 400: ErrorSchema, ...COMMON_ERRORS },
      },
    },
    async ({ query }) => meetings.listMeetings({ limit: 50, ...query }),
  );

  app.get(
    '/api/meetings/:id/participants',
    {
      schema: {
        summary: 'What each person did in one meeting',
        operationId: 'listParticipants',
        params: MeetingParamsSchema,
        response: { 200: ParticipantsSchema, 400: ErrorSchema, 404: ErrorSchema, ...COMMON_ERRORS },
      },
    },
    async ({ params }, reply) => {
      const items = await meetings.participantsOf(params.id);
      if (items === null) return reply.code(404).send({ error: 'not_found', message: `there is no meeting ${params.id}` });
      return { items };
    },
  );
};

function answerTo(error: unknown): { readonly status: number; readonly name: string } {
  const { code, statusCode } =
    typeof error === 'object' && error !== null ? (error as { code?: unknown; statusCode?: unknown }) : {};
  if (code === 'invalid_cursor') return { status: 400, name: 'bad_request' };
  if (code === 'database_unreachable') return { status: 503, name: 'database_unreachable' };
  const status = typeof statusCode === 'number' && statusCode < 500 ? statusCode : 500;
  return { status, name: status === 500 ? 'internal_error' : 'bad_request' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
