import type { OwnCallback } from './callback-urls.js';
import type { ListedHook } from './listed-hooks.js';

/**
 * From this age on a hook is renewed, in ms. Its URL is good for 15 minutes; what was sent on it just before it goes is tried for some 6
 * minutes more; and the watch looks once a minute: 7 leaves it a minute to be late (docs/hooks.md, "Renewal").
 */
export const RENEW_AFTER_MS = 7 * 60_000;

/** Younger than this, a hook is not held to be dead, in ms. */
export const SUSPECT_AFTER_MS = 5 * 60_000;

/** A URL signed later than this from now was signed by a clock that was wrong, in ms. */
const AHEAD_MS = 60_000;

/** What a hook is for: a meeting's external id, or null for all meetings. */
export type HookTarget = string | null;

/** Why a hook is made. `first` and `lost` where there is none of ours; the others take the place of one that is there. */
export type CreateReason = 'first' | 'lost' | 'due' | 'silence' | 'changed';
/** Why a hook goes: another one has its place, or nothing asks for it any more. */
export type DestroyReason = 'replaced' | 'unwanted';

export type HookAction =
  | {
      readonly do: 'create';
      readonly target: HookTarget /** Unix seconds. */;
      readonly signedSeconds: number;
      readonly reason: CreateReason;
    }
  | { readonly do: 'destroy'; readonly hook: ListedHook; readonly target: HookTarget; readonly reason: DestroyReason };

/** What is wrong and cannot be mended here. */
export type HookProblem =
  /** Another program's hook is older: the meeting's events go there alone (docs/wire.md, "The hooks API"). */
  | { readonly kind: 'starved'; readonly target: string; readonly by: ListedHook }
  /** Ours by its URL, but of the server's configuration: its signature cannot be renewed, and it cannot be removed. */
  | { readonly kind: 'permanent'; readonly hook: ListedHook };

export interface HookPlan {
  /** To be done one after the other: a hook goes only after the one that takes its place has been made. */
  readonly actions: readonly HookAction[];
  readonly problems: readonly HookProblem[];
  /** Hooks that are as they should be, by what they are for. */
  readonly kept: ReadonlyMap<HookTarget, ListedHook>;
}

export interface HookPlanInput {
  /** In the server's order, the oldest first. */
  readonly listed: readonly ListedHook[];
  /** What a hook's callback URL tells; null where it is not ours. */
  readonly own: (hook: ListedHook) => OwnCallback | null;
  /** For what there should be a hook. */
  readonly wanted: ReadonlySet<HookTarget>;
  /** Those for which there was one as far as is known. */
  readonly known: ReadonlySet<HookTarget>;
  /** Those of which nothing arrived although something should have. */
  readonly silent: ReadonlySet<HookTarget>;
  /** Lower case, sorted; none for all events. */
  readonly eventNames: readonly string[];
  /** Whether a meeting's hook that nothing asks for (any more) may stay until its renewal is due: the meeting may only be about to begin. */
  readonly lingering: boolean;
  /** What is looked at alone; undefined for all. */
  readonly only?: HookTarget | undefined;
  /** Unix ms. */
  readonly now: number;
}

interface OwnHook {
  readonly hook: ListedHook;
  readonly callback: OwnCallback;
  readonly target: HookTarget;
}

/**
 * What a hook of ours is for. Where the server lists no meeting, the URL tells: 3.0 to 3.3.1 forget the meeting of a hook (docs/wire.md, "What
 * differs by version").
 */
export function targetOf({ meetingId }: ListedHook, callback: OwnCallback): HookTarget {
  return meetingId ?? callback.meetingId;
}

/**
 * What has to be done so that a server has the hooks that it should have, and no other of ours (docs/hooks.md, "The plan"). Pure. Of hooks
 * that are not ours none is ever touched; once all is done, planning again at the same time gives nothing to do.
 */
export function planHooks(input: HookPlanInput): HookPlan {
  const { listed, wanted, only } = input;
  const mine = listed.flatMap((hook): OwnHook[] => {
    const callback = input.own(hook);
    return callback === null ? [] : [{ hook, callback, target: targetOf(hook, callback) }];
  });
  const problems: HookProblem[] = mine.filter(({ hook }) => hook.permanent).map(({ hook }) => ({ kind: 'permanent', hook }));
  const ours = mine.filter(({ hook }) => !hook.permanent);
  const actions: HookAction[] = [];
  const kept = new Map<HookTarget, ListedHook>();

  for (const target of only === undefined ? wanted : [...wanted].filter((one) => one === only)) {
    const here = ours.filter((one) => one.target === target);
    const keeper = here.filter((one) => isGood(one, input)).toSorted(latestFirst)[0];
    if (keeper === undefined) {
      actions.push({
        do: 'create',
        target,
        signedSeconds: freeSecond(target, mine, input.now),
        reason: reasonOf(target, here, input),
      });
    } else kept.set(target, keeper.hook);
    for (const one of here) if (one !== keeper) actions.push({ do: 'destroy', hook: one.hook, target, reason: 'replaced' });
    const before = keeper === undefined ? listed : listed.slice(0, listed.indexOf(keeper.hook));
    const by =
      target === null ? undefined : before.find((hook) => hook.meetingId === target && !mine.some((one) => one.hook === hook));
    if (target !== null && by !== undefined) problems.push({ kind: 'starved', target, by });
  }
  for (const one of ours) {
    const { hook, target } = one;
    if (wanted.has(target) || (only !== undefined && target !== only)) continue;
    const stays = input.lingering && target !== null && isGood(one, input);
    if (!stays) actions.push({ do: 'destroy', hook, target, reason: 'unwanted' });
  }
  return { actions, problems, kept };
}

/** As it would be made now, and young enough. */
function isGood(one: OwnHook, input: HookPlanInput): boolean {
  return isRight(one, input) && isFresh(one.callback, input.now) && !isSuspect(one, input);
}

function isRight({ hook, callback, target }: OwnHook, { eventNames }: HookPlanInput): boolean {
  const sameNames = hook.eventNames.length === eventNames.length && hook.eventNames.every((name, n) => name === eventNames[n]);
  return callback.present && callback.meetingId === target && !hook.raw && sameNames;
}

function isFresh({ signedAt }: OwnCallback, now: number): boolean {
  return signedAt !== null && now - signedAt < RENEW_AFTER_MS && signedAt - now <= AHEAD_MS;
}

function isSuspect({ target, callback: { signedAt } }: OwnHook, { silent, now }: HookPlanInput): boolean {
  return silent.has(target) && signedAt !== null && now - signedAt >= SUSPECT_AFTER_MS;
}

function reasonOf(target: HookTarget, here: readonly OwnHook[], input: HookPlanInput): CreateReason {
  if (here.length === 0) return input.known.has(target) ? 'lost' : 'first';
  const right = here.filter((one) => isRight(one, input));
  if (right.length === 0) return 'changed';
  return right.some((one) => isSuspect(one, input)) ? 'silence' : 'due';
}

/** Of two that are good the one that is good for longer; of equal ones any, but always the same. */
function latestFirst(a: OwnHook, b: OwnHook): number {
  return (b.callback.signedAt ?? 0) - (a.callback.signedAt ?? 0) || (a.hook.hookId < b.hook.hookId ? -1 : 1);
}

/** A second for which there is no URL yet: the server takes a URL that it knows for the hook that it has. */
function freeSecond(target: HookTarget, mine: readonly OwnHook[], now: number): number {
  const taken = new Set(mine.filter(({ callback }) => callback.meetingId === target).map(({ callback }) => callback.signedAt));
  let second = Math.floor(now / 1_000);
  while (taken.has(second * 1_000)) second += 1;
  return second;
}
