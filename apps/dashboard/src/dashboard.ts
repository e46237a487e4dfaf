import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { readPartitionCount } from '@bbb-activity/queue/partition-count';
import type { Store } from '@bbb-activity/store/client';
import type { Logger } from '@bbb-activity/telemetry/logger';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { guardRoutes } from './access.js';
import { answerError } from './answers.js';
import { attendanceRoutes } from './attendance-routes.js';
import { PLATFORM_PATH } from './base-path.js';
import { exportRoutes } from './export-routes.js';
import { figuresRoutes } from './figures-routes.js';
import { type HookOperations, hooksApi } from './hooks-api.js';
import { linkRoutes } from './link-routes.js';
import { LiveHub } from './live-hub.js';
import { liveRoutes } from './live-routes.js';
import { LiveStreams } from './live-streams.js';
import { loginRoutes } from './login-routes.js';
import { meetingRoutes } from './meeting-routes.js';
import { PAGE_FOLDER, registerPage } from './page-routes.js';
import { BOARD_PATH, registerBoard } from './queue-board.js';
import { type RequestMeter, recordRequests } from './request-records.js';
import { rosterRoutes } from './roster-routes.js';
import { contentSecurity } from './security-headers.js';
import { SessionCookies } from './session-cookie.js';
import { systemRoutes } from './system-routes.js';

export interface DashboardOptions {
  readonly store: Store;
  readonly backend: QueueBackend;
  readonly deadLetters: DeadLetters;
  readonly hooks: HookOperations;
  /** Those that are valid now, the present one first. */
  readonly adminTokens: readonly string[];
  /** Where people find the dashboard; null where that is not told. */
  readonly publicUrl: string | null;
  /** The salts by which an access URL signs links; none of one that is not known. */
  readonly saltsOf: (accessUrlId: number) => readonly string[];
  /** Of bbb-activity. */
  readonly version: string;
  /** How many partitions the board shows where the queue has none yet. */
  readonly partitions: number;
  readonly maxTransactionsPerSecond: number;
  /** Where the page was built to. */
  readonly pageFolder?: string;
  readonly log: Logger;
  /** Of an open stream of changes; default 20,000. */
  readonly livePingMs?: number;
  /** Null, the default, where nobody asks. */
  readonly meter?: RequestMeter | null;
}

/**
 * The API, the page and Bull Board, with their own login, headers and errors: what else the server does is not touched by them. The server must
 * have been made with `rewriteUrl: withoutPlatformPath`.
 */
export const dashboard: FastifyPluginAsyncTypebox<DashboardOptions> = async (app, options) => {
  const { store, backend } = options;
  const cookies = new SessionCookies(options.adminTokens, options.publicUrl);
  const hub = new LiveHub(store, options.log);
  app.addHook('onClose', () => hub.close());

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'bbb-activity', version: '1', description: 'What people did in BigBlueButton meetings' },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'bbb_activity_session' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
  });
  await app.register(helmet, contentSecurity(options.publicUrl));
  await app.register(cookie, { secret: [...cookies.keys] });
  app.setErrorHandler(answerError);
  recordRequests(app, options.log, options.meter ?? null);
  const access = { store, cookies, adminTokens: options.adminTokens };
  guardRoutes(app, access);

  app.get('/api/openapi.json', { config: { access: 'reader' }, schema: { hide: true } }, async () => app.swagger());
  const streams = new LiveStreams();
  await app.register(loginRoutes, { store, cookies, streams, version: options.version });
  linkRoutes(app, { store, cookies, saltsOf: options.saltsOf });
  await app.register(meetingRoutes, { store });
  await app.register(exportRoutes, { store });
  await app.register(figuresRoutes, { store });
  await app.register(attendanceRoutes, { store });
  await app.register(rosterRoutes, { store });
  await app.register(liveRoutes, {
    hub,
    streams,
    access,
    ...(options.livePingMs === undefined ? {} : { pingMs: options.livePingMs }),
  });
  await app.register(hooksApi, { hooks: options.hooks, store });
  await app.register(systemRoutes, options);
  const partitions = (await readPartitionCount(backend)) ?? options.partitions;
  for (const path of [BOARD_PATH, `${PLATFORM_PATH}${BOARD_PATH}`]) await registerBoard(app, path, backend, partitions);
  await app.register((page) => registerPage(page, options.pageFolder ?? PAGE_FOLDER));
};
