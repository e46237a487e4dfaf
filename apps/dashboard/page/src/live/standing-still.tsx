import { createContext, type ReactNode, useContext, useMemo } from 'react';
import type { LiveState } from './live-stream.js';
import { useNow } from './use-now.js';

/** Since when (unix ms) nothing is known of what is shown; null while it is up to date. */
const Since = createContext<number | null>(null);

/** The time in unix ms, each second anew where `ticking`; it stands where nothing is known of what goes on. */
export function useKnownNow(ticking: boolean): number {
  const since = useContext(Since);
  const now = useNow(ticking && since === null);
  return since === null ? now : Math.min(now, since);
}

/** Durations in it stand as they were at `since`, in unix ms; null: they go on. */
export function StandingStill({ since, children }: { since: number | null; children: ReactNode }) {
  const outer = useContext(Since);
  const earliest = since === null ? outer : Math.min(since, outer ?? since);
  return <Since value={earliest}>{children}</Since>;
}

/** Durations in it stand while the connection for changes is lost. */
export function WhileLive({ state, children }: { state: LiveState; children: ReactNode }) {
  const lost = state === 'lost';
  const since = useMemo(() => (lost ? Date.now() : null), [lost]);
  return <StandingStill since={since}>{children}</StandingStill>;
}
