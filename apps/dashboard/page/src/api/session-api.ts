import { queryOptions } from '@tanstack/react-query';
import type { Login, SessionTold } from '../../../src/schemas/session.js';
import { change, get, isUnauthorized, keepCsrfToken } from './api-client.js';

export const SESSION_KEY = ['session'] as const;

/** Who is logged in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: SESSION_KEY,
  queryFn: readSession,
  staleTime: Number.POSITIVE_INFINITY,
});

export function login(body: Login): Promise<null> {
  return change('login', { method: 'POST', body });
}

export function logout(): Promise<null> {
  return change('logout', { method: 'POST' });
}

async function readSession(): Promise<SessionTold | null> {
  try {
    const session = await get<SessionTold>('session');
    keepCsrfToken(session.csrfToken);
    return session;
  } catch (error) {
    if (isUnauthorized(error)) return null;
    throw error;
  }
}
