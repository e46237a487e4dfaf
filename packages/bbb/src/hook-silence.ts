import type { KnownHook } from './hook-ledger.js';
import { type HookTarget, SUSPECT_AFTER_MS } from './hook-plan.js';
import type { BbbMeeting } from './meetings.js';

/** How long a sender may go on with what it cannot deliver, in ms: its 13 tries wait up to 5 s for an answer each (docs/wire.md, "Retry and failure"). */
export const RETRY_SPAN_MS = 6 * 60_000;

/** Of each target, or of those that are looked for, the hook that was registered last. */
export function latestByTarget(known: readonly KnownHook[]): ReadonlyMap<HookTarget, KnownHook> {
  return new Map(known.toSorted((a, b) => a.registeredAt - b.registeredAt).map((hook) => [hook.target, hook]));
}

/**
 * For what nothing arrives although somebody is in a meeting, and since when (unix ms): the sign of a hook that the server lists and does
 * not serve (docs/hooks.md, "Silence"). A global hook is silent where nothing arrives of any meeting.
 *
 * @param meetings that go on @param arrivals when something of each last arrived
 */
export function silentSince(
  known: readonly KnownHook[],
  meetings: readonly BbbMeeting[],
  arrivals: ReadonlyMap<string, number>,
  now: number,
): ReadonlyMap<HookTarget, number> {
  const busy = meetings.filter(({ participants }) => participants > 0);
  const silent = new Map<HookTarget, number>();
  for (const [target, { coveredSince }] of latestByTarget(known)) {
    const meant = target === null ? busy : busy.filter(({ externalId }) => externalId === target);
    if (meant.length === 0) continue;
    const begun = Math.min(...meant.map(({ createdAt }) => createdAt));
    const heard = meant.map(({ externalId }) => arrivals.get(externalId) ?? 0);
    const since = Math.max(coveredSince, begun, ...heard);
    if (now - since >= SUSPECT_AFTER_MS) silent.set(target, since);
  }
  return silent;
}

/**
 * Since when something may be missing of a hook that is gone, in unix ms. The server gave it up only after it had tried something for some
 * minutes; what came after that first failure is not known to have arrived.
 */
export function missingSince({ coveredSince, seenAt }: KnownHook, arrival: number | undefined): number {
  return Math.max(coveredSince, seenAt - RETRY_SPAN_MS, arrival ?? 0);
}
