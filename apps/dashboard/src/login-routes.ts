import { newOpaqueToken, opaqueTokenHash } from '@bbb-activity/signatures/opaque-token';
import { verifyPassword } from '@bbb-activity/signatures/password';
import type { Store } from '@bbb-activity/store/client';
import { addSession, endSession } from '@bbb-activity/store/dashboard-sessions';
import { findUser } from '@bbb-activity/store/dashboard-users';
import rateLimit from '@fastify/rate-limit';
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { ApiError } from './answers.js';
import { callerOf } from './caller.js';
import type { LiveStreams } from './live-streams.js';
import { LoginFailures } from './login-failures.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { LoginSchema, SessionSchema } from './schemas/session.js';
import type { SessionCookies } from './session-cookie.js';

export interface LoginOptions {
  readonly store: Store;
  readonly cookies: SessionCookies;
  readonly streams: LiveStreams;
  readonly version: string;
}

const MINUTE_MS = 60_000;
/** A working day; then one logs in again. */
const SESSION_SECONDS = 12 * 3_600;
/** Of one address, right and wrong: each takes a fifth of a second of the processor. It may be the address of a school in which a lesson begins. */
const TRIES_OF_ADDRESS = { max: 60, timeWindow: MINUTE_MS };
const Nothing = Type.Null({ description: 'Nothing' });

/** Logging in and out by password (docs/dashboard.md, "Users"). */
export const loginRoutes: FastifyPluginAsyncTypebox<LoginOptions> = async (app, { store, cookies, streams, version }) => {
  const end = async (id: string) => {
    await endSession(store, opaqueTokenHash(id));
    streams.endOf(id);
  };
  await app.register(rateLimit, { global: false });
  const failures = new LoginFailures();
  // One at a time: each takes 32 MiB and a fifth of a second of the processor, and whoever is let in can wait for it.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  app.post(
    '/api/login',
    {
      config: { access: 'public', rateLimit: TRIES_OF_ADDRESS },
      schema: {
        summary: 'Log in; gives a session cookie',
        operationId: 'login',
        security: [],
        body: LoginSchema,
        response: { 204: Nothing, 400: ErrorSchema, 429: ErrorSchema, ...COMMON_ERRORS },
      },
    },
    async (request, reply) => {
      const { name, password } = request.body;
      const user = await findUser(store, name);
      const right = await inTurn(async () => {
        const seconds = await failures.secondsLeft(name, request.ip);
        if (seconds > 0) {
          reply.header('retry-after', String(seconds));
          throw new ApiError(429, 'too_many_tries', 'there were too many tries for this name; try again later');
        }
        const verified = await verifyPassword(password, user?.passwordHash ?? null);
        await (verified ? failures.succeeded(name, request.ip) : failures.failed(name, request.ip));
        return verified;
      });
      if (user === null || !right) {
        request.log.warn({ user: user?.name ?? null, address: request.ip }, 'a login was refused');
        throw new ApiError(401, 'wrong_login', 'the name or the password is wrong');
      }
      const former = cookies.read(request);
      if (former !== null) await end(former);
      const id = newOpaqueToken();
      await addSession(store, opaqueTokenHash(id), { userId: user.id }, Date.now() + SESSION_SECONDS * 1_000);
      cookies.set(reply, id, SESSION_SECONDS);
      reply.header('cache-control', 'no-store');
      request.log.info({ user: user.name }, 'logged in');
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/logout',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'Log out',
        operationId: 'logout',
        response: { 204: Nothing, ...COMMON_ERRORS },
      },
    },
    async (request, reply) => {
      const id = cookies.read(request);
      if (id !== null) await end(id);
      cookies.clear(reply);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/session',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'Who is logged in, and what they may read',
        operationId: 'getSession',
        response: { 200: SessionSchema, ...COMMON_ERRORS },
      },
    },
    async (request) => {
      const { name, role, accessUrlId, meetingId, csrfTokens } = callerOf(request);
      return { user: { name, role, accessUrlId }, csrfToken: csrfTokens[0] ?? '', meetingId, version };
    },
  );
};
