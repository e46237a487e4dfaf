import { equalsSecret } from '@bbb-activity/signatures/constant-time';
import { opaqueTokenHash } from '@bbb-activity/signatures/opaque-token';
import { useApiToken } from '@bbb-activity/store/api-tokens';
import type { Store } from '@bbb-activity/store/client';
import { findSession } from '@bbb-activity/store/dashboard-sessions';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError, answerError } from './answers.js';
import { basePathOf } from './base-path.js';
import { type Access, type Caller, mayCall } from './caller.js';
import type { SessionCookies } from './session-cookie.js';

export interface AccessOptions {
  readonly store: Store;
  readonly cookies: SessionCookies;
  /** Those that are valid now. */
  readonly adminTokens: readonly string[];
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const BEARER = /^Bearer +(\S+)$/i;

/**
 * Before every route of this context: finds out who calls, and whether they may (docs/dashboard.md, "Who may do what"). A bearer token
 * goes before a cookie; a write by a cookie must bear the session's CSRF token.
 */
export function guardRoutes(app: FastifyInstance, options: AccessOptions): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    const access = accessTo(request);
    if (access === 'public') return undefined;
    // What people did is kept in no cache: not in a proxy's, nor in that of a browser from which somebody logged out.
    reply.header('cache-control', 'no-store');
    try {
      request.caller = await findCaller(request, options);
      if (request.caller === null && wantsLogin(request)) {
        return reply.redirect(`${basePathOf(request)}login?next=${encodeURIComponent(request.url)}`, 303);
      }
      requireRight(request, access);
      return undefined;
    } catch (error) {
      // To people it is a page that is not for them, as every other.
      if (error instanceof ApiError && error.code === 'forbidden' && wantsLogin(request)) {
        reply.callNotFound();
        return reply;
      }
      // Not thrown: a part of the server may answer errors in its own way.
      return answerError(error, request, reply);
    }
  });
}

/** @throws ApiError */
function requireRight({ caller, method, headers }: FastifyRequest, access: Access): void {
  if (caller === null) {
    throw new ApiError(401, 'unauthorized', 'log in, or send a valid bearer token: Authorization: Bearer <token>');
  }
  if (!mayCall(caller, access)) throw new ApiError(403, 'forbidden', `${caller.name} may not do this`);
  if (caller.by === 'token' || READING.has(method)) return;
  const token = headers['x-csrf-token'];
  if (typeof token !== 'string' || !caller.csrfTokens.some((own) => equalsSecret(token, own))) {
    throw new ApiError(403, 'csrf', 'the header x-csrf-token must be the csrfToken of GET /api/session');
  }
}

function wantsLogin({ routeOptions, headers }: FastifyRequest): boolean {
  return routeOptions.config.toLogin === true && headers.accept?.includes('text/html') === true;
}

function accessTo({ routeOptions, method, is404 }: FastifyRequest): Access {
  // That nothing is there is no secret, and a login would lead to nothing.
  if (is404) return 'public';
  return routeOptions.config.access ?? (READING.has(method) ? 'overseer' : 'admin');
}

/** Who makes a request, as they are now; null: nobody who is known. @throws what the driver throws */
export async function findCaller(
  request: FastifyRequest,
  { store, cookies, adminTokens }: AccessOptions,
): Promise<Caller | null> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return callerByToken(authorization, store, adminTokens);
  const id = cookies.read(request);
  const owner = id === null ? null : await findSession(store, opaqueTokenHash(id));
  if (id === null || owner === null) return null;
  const session = { by: 'session', csrfTokens: cookies.csrfTokensOf(id) } as const;
  if (owner.kind === 'link') {
    return { ...session, name: 'link', role: 'link', accessUrlId: null, meetingId: owner.meetingId };
  }
  return { ...session, name: owner.name, role: owner.role, accessUrlId: owner.accessUrlId, meetingId: null };
}

async function callerByToken(authorization: string, store: Store, adminTokens: readonly string[]): Promise<Caller | null> {
  const token = BEARER.exec(authorization.trim())?.[1];
  if (token === undefined) return null;
  const bearer = { by: 'token', csrfTokens: [], meetingId: null } as const;
  if (adminTokens.some((own) => equalsSecret(token, own)))
    return { ...bearer, name: 'ADMIN_TOKEN', role: 'admin', accessUrlId: null };
  const known = await useApiToken(store, opaqueTokenHash(token));
  return known === null ? null : { ...bearer, ...known };
}
