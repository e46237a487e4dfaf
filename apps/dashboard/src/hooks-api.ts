import { HookError, type HookErrorCode } from '@bbb-activity/bbb/hook-errors';
import type { HookChanges } from '@bbb-activity/bbb/hook-keeper';
import { isBbbError } from '@bbb-activity/bbb/hook-look';
import { toldProblem } from '@bbb-activity/bbb/hook-report';
import type { Hooks } from '@bbb-activity/bbb/hooks';
import { lastEventTimes } from '@bbb-activity/store/activity-figures';
import type { Store } from '@bbb-activity/store/client';
import { blameOf } from '@bbb-activity/store/errors';
import { DatabaseNotReadyError } from '@bbb-activity/store/ready';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  EnsureHooksSchema,
  HookChangesSchema,
  HookHistoryQuerySchema,
  HookHistorySchema,
  HooksHealthSchema,
  HooksQuerySchema,
  HooksSchema,
  RemoveHooksQuerySchema,
} from './hook-schemas.js';
import { ErrorSchema } from './schemas/common.js';
import { isoOf } from './told-meetings.js';

/** What the API does with hooks; packages/bbb is behind it. */
export type HookOperations = Pick<
  Hooks,
  'ensureHookForMeeting' | 'ensureGlobalWebhook' | 'ensureAll' | 'cleanupWebhooks' | 'checkWebhooksHealth' | 'list' | 'history'
>;

const ERRORS = {
  400: ErrorSchema,
  401: ErrorSchema,
  404: ErrorSchema,
  409: ErrorSchema,
  500: ErrorSchema,
  502: ErrorSchema,
  503: ErrorSchema,
};

const STATUS: Readonly<Record<HookErrorCode, number>> = {
  no_meeting: 400,
  unknown_access_url: 404,
  hooks_not_configured: 409,
  webhooks_disabled: 409,
  hook_scope: 409,
  permanent_hook: 409,
  hook_duplicate: 502,
  hooks_busy: 503,
};

/** Status, name and words of what an operation on hooks failed with; null of any other error. The words hold no signed URL. */
export function answerToHookError(
  error: unknown,
): { readonly status: number; readonly name: string; readonly message: string } | null {
  if (error instanceof HookError) return { status: STATUS[error.code], name: error.code, message: error.message };
  if (isBbbError(error)) return { status: 502, name: error.code, message: error.message };
  return null;
}

/** The operations on hooks under /api/hooks (docs/hooks.md, "The operations"), so that a learning platform can call them when somebody joins. */
export const hooksApi: FastifyPluginAsyncTypebox<{ readonly hooks: HookOperations; readonly store: Store }> = async (
  app,
  { hooks, store },
) => {
  app.post(
    '/api/hooks/ensure',
    {
      schema: {
        summary: 'See to a hook for a meeting, to the global hook, or to all hooks that there should be',
        operationId: 'ensureHooks',
        body: EnsureHooksSchema,
        response: { 200: HookChangesSchema, ...ERRORS },
      },
    },
    async ({ body: { meetingId, global, accessUrlId } }, reply) => {
      if (meetingId !== undefined && global) {
        return reply.code(400).send({ error: 'bad_request', message: 'either meetingId or global' });
      }
      if (meetingId !== undefined) return asJson(await doing(hooks.ensureHookForMeeting(meetingId, accessUrlId)));
      return asJson(await doing(global ? hooks.ensureGlobalWebhook(accessUrlId) : hooks.ensureAll(accessUrlId)));
    },
  );

  app.delete(
    '/api/hooks',
    {
      schema: {
        summary: 'Remove our hooks, of one meeting or all of them',
        operationId: 'cleanupHooks',
        querystring: RemoveHooksQuerySchema,
        response: { 200: HookChangesSchema, ...ERRORS },
      },
    },
    async ({ query: { meetingId, accessUrlId } }) => asJson(await doing(hooks.cleanupWebhooks(meetingId, accessUrlId))),
  );

  app.get(
    '/api/hooks',
    {
      schema: {
        summary: 'All hooks of the BBB server',
        operationId: 'listHooks',
        querystring: HooksQuerySchema,
        response: { 200: HooksSchema, ...ERRORS },
      },
    },
    async ({ query }) => ({
      items: (await doing(hooks.list(query.accessUrlId))).map((hook) => ({ ...hook, eventNames: [...hook.eventNames] })),
    }),
  );

  app.get(
    '/api/hooks/health',
    {
      schema: {
        summary: 'Whether hooks are as they should be, and what may be missing',
        operationId: 'checkHooksHealth',
        querystring: HooksQuerySchema,
        response: { 200: HooksHealthSchema, ...ERRORS },
      },
    },
    async ({ query }) => {
      const [items, lastEvents] = await doing(Promise.all([hooks.checkWebhooksHealth(query.accessUrlId), lastEventTimes(store)]));
      return {
        ok: items.every(({ ok }) => ok),
        items: items.map((one) => ({
          ...one,
          lastEventAt: isoOrNull(lastEvents.get(one.accessUrlId)),
          problems: [...one.problems],
          gaps: one.gaps.map((gap) => ({ ...gap, meetings: [...gap.meetings] })),
        })),
      };
    },
  );

  app.get(
    '/api/hooks/history',
    {
      schema: {
        summary: 'What became of hooks, the newest first',
        operationId: 'listHookHistory',
        querystring: HookHistoryQuerySchema,
        response: { 200: HookHistorySchema, ...ERRORS },
      },
    },
    async ({ query: { accessUrlId, limit } }) => {
      const items = await doing(hooks.history(accessUrlId, limit));
      return { items: items.map((entry) => ({ ...entry, meetings: [...entry.meetings] })) };
    },
  );
};

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : isoOf(ms);
}

/** What the database is to blame for is told as such: the same request may succeed later. */
async function doing<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: unknown) => {
    if (answerToHookError(error) !== null || blameOf(error) !== 'database') throw error;
    throw new DatabaseNotReadyError('database_unreachable', 'the database cannot be used now', { cause: error });
  });
}

function asJson({ registered, renewed, removed, problems, refused }: HookChanges) {
  const texts = problems.map((problem) => toldProblem(problem).text);
  const told = refused.map(({ target, error }) => {
    const key = error instanceof HookError ? error.code : error.messageKey;
    return { meetingId: target, key, message: error.message };
  });
  return { registered: [...registered], renewed: [...renewed], removed: [...removed], problems: texts, refused: told };
}
