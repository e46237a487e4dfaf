import { createContext, useContext } from 'react';
import type { SessionTold } from '../../../src/schemas/session.js';

export const SessionContext = createContext<SessionTold | null>(null);

/** Who is logged in; below the shell there is always somebody. */
export function useSession(): SessionTold {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession is for what is shown to who is logged in');
  return session;
}

/** What the person may see (docs/dashboard.md, "Who may do what"). */
export function rightsOf({ user }: SessionTold) {
  const { role, accessUrlId } = user;
  return {
    reader: role !== 'link',
    overseer: role === 'admin' || (role === 'viewer' && accessUrlId === null),
    admin: role === 'admin',
  } as const;
}

export type Right = keyof ReturnType<typeof rightsOf>;
