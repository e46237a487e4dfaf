import { type ActivityFigures, activityFigures } from '@bbb-activity/store/activity-figures';
import type { Store } from '@bbb-activity/store/client';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { scopeOf } from './caller.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { KpisQuerySchema, KpisSchema } from './schemas/kpis.js';
import { isoOf } from './told-meetings.js';

/** Every open page asks for them whenever something changes. */
const KEPT_MS = 2_000;
const MOST_KEPT = 100;

interface Kept {
  readonly at: number;
  readonly figures: Promise<ActivityFigures>;
}

/** What goes on now, counted at most every two seconds for all who may read the same. */
export const figuresRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (app, { store }) => {
  const kept = new Map<string, Kept>();
  app.get(
    '/api/kpis',
    {
      config: { access: 'reader' },
      schema: {
        summary: 'What goes on now',
        operationId: 'getKpis',
        querystring: KpisQuerySchema,
        response: { 200: KpisSchema, 400: ErrorSchema, ...COMMON_ERRORS },
      },
    },
    async (request) => {
      const scope = scopeOf(request);
      const { timeZone = 'UTC', accessUrlId } = request.query;
      const key = JSON.stringify([scope, timeZone, accessUrlId]);
      const known = kept.get(key);
      if (known !== undefined && Date.now() - known.at < KEPT_MS) return told(await known.figures, known.at);
      const fresh = { at: Date.now(), figures: activityFigures(store, scope, { timeZone, accessUrlId }) };
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(key, fresh);
      try {
        return told(await fresh.figures, fresh.at);
      } catch (error) {
        kept.delete(key);
        throw error;
      }
    },
  );
};

function told(figures: ActivityFigures, at: number) {
  return { ...figures, at: isoOf(at) };
}
