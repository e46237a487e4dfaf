import type { ReadScope } from '@bbb-activity/store/read-scope';
import type { FastifyRequest } from 'fastify';
import { ApiError } from './answers.js';
import type { Role } from './schemas/session.js';

/** Who makes a request. */
export interface Caller {
  readonly by: 'session' | 'token';
  readonly name: string;
  readonly role: Role;
  /** The only access URL that may be read; null: all. */
  readonly accessUrlId: number | null;
  /** The only meeting that may be read, of a signed link; else null. */
  readonly meetingId: string | null;
  /** One of them is what writes of a session must bear, and the first is what the session is told; none of a token. */
  readonly csrfTokens: readonly string[];
}

/**
 * Who may call a route. `meeting`: everybody who is known, also by a signed link to one meeting; `reader`: not by a link; `overseer`: who may
 * read all access URLs; `admin`: who may change things.
 */
export type Access = 'public' | 'meeting' | 'reader' | 'overseer' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where it is not told: `overseer` for what only reads, else `admin`. */
    readonly access?: Access;
    /** Whether a browser is shown the login in the place of a refusal. */
    readonly toLogin?: boolean;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** The caller of a route that is not public. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new ApiError(401, 'unauthorized', 'log in first');
  return caller;
}

/** What the caller of a route may read. */
export function scopeOf(request: FastifyRequest): ReadScope {
  const { accessUrlId, meetingId } = callerOf(request);
  return { accessUrlId, meetingId };
}

export function mayCall({ role, accessUrlId }: Caller, access: Access): boolean {
  switch (access) {
    case 'public':
    case 'meeting':
      return true;
    case 'reader':
      return role !== 'link';
    case 'overseer':
      return role === 'admin' || (role === 'viewer' && accessUrlId === null);
    case 'admin':
      return role === 'admin';
  }
}
