import { BbbAnswerError, BbbFailedError, BbbUnreachableError } from './errors.js';
import type { HookChanges, HookKeeper, HookWishes } from './hook-keeper.js';
import type { HookRecords, KnownHook, ServerState } from './hook-ledger.js';
import { type Orphan, removeOrphans } from './hook-orphans.js';
import type { HookTarget } from './hook-plan.js';
import { silentSince } from './hook-silence.js';
import type { ListedHook } from './listed-hooks.js';
import type { BbbMeeting } from './meetings.js';

/** What one look of the watch came to. */
export type LookOutcome =
  | { readonly outcome: 'looked'; readonly changes: HookChanges; readonly silent: number; readonly hooks: number }
  /** `nothing`: switched off, and none of ours is known to be there. `resting`: the server did not answer lately. */
  | { readonly outcome: 'nothing' | 'resting' | 'busy' }
  | { readonly outcome: 'failed'; readonly error: BbbError };

export type BbbError = BbbUnreachableError | BbbAnswerError | BbbFailedError;

const MINUTE_MS = 60_000;
/** How long a server is left alone after so many failures in a row. Five minutes at most: a hook's URL is good for fifteen. */
const REST_MINUTES = [1, 1, 2, 4, 5];
/** Looks come once a minute, but not to the second. */
const SLACK_MS = 10_000;

export interface LookOptions {
  /** Whether another access URL has the same server: then a meeting is this one's only if something tells so. */
  readonly sharesServer: boolean;
  readonly patient: boolean;
  /** What is written down of the other access URLs that ask the same server by the same secret. */
  readonly others: readonly HookRecords[];
  /** Access URLs that are configured no more, and have hooks written down. */
  readonly orphans: readonly Orphan[];
}

export function isBbbError(error: unknown): error is BbbError {
  return error instanceof BbbUnreachableError || error instanceof BbbAnswerError || error instanceof BbbFailedError;
}

/**
 * One look at the hooks of an access URL, which mends what is not as it should be (docs/hooks.md, "The watch").
 *
 * @param patient whether a server that did not answer lately is left alone: this access URL, or another one that asks it by the same secret
 * @throws what the database throws
 */
export async function look(
  keeper: HookKeeper,
  records: HookRecords,
  { sharesServer, patient, others, orphans }: LookOptions,
): Promise<LookOutcome> {
  const state = await records.server();
  if (patient) {
    const away = (await Promise.all(others.map((other) => other.server()))).filter(isAway);
    if ([state, ...away].some(({ nextLookAt }) => nextLookAt !== null && nextLookAt > keeper.now)) return { outcome: 'resting' };
  }
  const known = await records.known();
  if (!keeper.tenant.enabled && known.length === 0) return { outcome: 'nothing' };
  try {
    const { hooks } = await keeper.client.listHooks();
    // First, so that none of them is held for another program's.
    const removed = await removeOrphans(keeper, hooks, orphans);
    const listed = hooks.filter((hook) => !removed.has(hook));
    const wishes = await wishesOf(keeper, records, known, sharesServer, listed);
    const changes = await keeper.mend(records, listed, wishes);
    await tellWhatIsSo(keeper, records, changes, wishes);
    if (wishes.untold !== null) {
      // Hooks that are there are renewed all the same, and must not wait for that.
      await failed(records, state, wishes.untold, keeper.now, 0);
      return { outcome: 'failed', error: wishes.untold };
    }
    await answered(records, state, keeper.now);
    return { outcome: 'looked', changes, silent: wishes.silent.size, hooks: wishes.wanted.size };
  } catch (error) {
    if (!isBbbError(error)) throw error;
    await failed(records, state, error, keeper.now);
    return { outcome: 'failed', error };
  }
}

/** What should be there, and what is known of the meetings. */
export interface Wishes extends HookWishes {
  readonly silent: ReadonlyMap<HookTarget, number>;
  readonly meetings: readonly BbbMeeting[];
  /** Why the server did not tell its meetings; null where it did. */
  readonly untold: BbbError | null;
  /** Whether a global hook stands in for hooks of meetings that a foreign hook starves. */
  readonly fallback: boolean;
}

/**
 * What should be there. Where the server tells its hooks and not its meetings, what there is should go on. Where a foreign hook has a meeting's events, a
 * global hook besides: all of these are served. It gets the events of every meeting of the server, so that it is none where others share it.
 */
export async function wishesOf(
  keeper: HookKeeper,
  records: HookRecords,
  known: readonly KnownHook[],
  sharesServer: boolean,
  listed: readonly ListedHook[],
): Promise<Wishes> {
  const { tenant, now } = keeper;
  const { enabled, scope } = tenant;
  const none = { silent: new Map(), meetings: [], untold: null, fallback: false };
  if (!enabled) return { ...none, wanted: new Set(), lingering: false, why: () => 'disabled' };
  const told = await toldMeetings(keeper);
  const why = (target: HookTarget) => (scope === 'global' || target === null ? 'scope' : 'ended');
  if (isBbbError(told)) {
    const wanted = new Set<HookTarget>([...(scope === 'global' ? [null] : []), ...known.map(({ target }) => target)]);
    return { ...none, wanted, lingering: true, untold: told, fallback: scope === 'per_meeting' && wanted.has(null), why };
  }
  const goingOn = told.filter(({ endedAt }) => endedAt === null);
  const meetings = scope === 'per_meeting' && sharesServer ? await ownMeetings(goingOn, records, known) : goingOn;
  const wanted = new Set<HookTarget>(scope === 'global' ? [null] : meetings.map(({ externalId }) => externalId));
  const arrivals = await records.lastArrivals(meetings);
  const silent = silentSince(
    known.filter(({ target }) => wanted.has(target)),
    meetings,
    arrivals,
    now,
  );
  const wishes = { ...none, wanted, lingering: scope === 'per_meeting', silent, meetings, arrivals, why };
  if (scope === 'global' || sharesServer) return wishes;
  const urls = await keeper.urls(records);
  const stands = known.some(({ target }) => target === null);
  // Once it is there the meetings are heard again: it stays as long as the foreign hook does.
  const starved = stands
    ? keeper.starvedBy(urls, listed, known, wishes)
    : keeper.plan(urls, listed, known, wishes).problems.filter(({ kind }) => kind === 'starved');
  if (starved.length === 0) return wishes;
  return { ...wishes, wanted: new Set<HookTarget>([...wanted, null]), fallback: true };
}

async function toldMeetings({ client }: HookKeeper): Promise<readonly BbbMeeting[] | BbbError> {
  try {
    return await client.getMeetings();
  } catch (error) {
    if (isBbbError(error)) return error;
    throw error;
  }
}

async function ownMeetings(
  meetings: readonly BbbMeeting[],
  records: HookRecords,
  known: readonly KnownHook[],
): Promise<BbbMeeting[]> {
  const announced = await records.announced(meetings.map(({ externalId }) => externalId));
  return meetings.filter(({ externalId }) => announced.has(externalId) || known.some(({ target }) => target === externalId));
}

/** Begins and ends the entries of what is so for a while. */
async function tellWhatIsSo(
  { now: at, tenant }: HookKeeper,
  records: HookRecords,
  { problems }: HookChanges,
  { wanted, silent, meetings, arrivals, untold, fallback }: Wishes,
): Promise<void> {
  const starved = new Map(
    problems.flatMap((one) => (one.kind === 'starved' ? [[one.target as HookTarget, one.by] as const] : [])),
  );
  // Whether somebody is silent or starved is known only where the meetings are.
  if (untold !== null) return;
  for (const [target, by] of starved) {
    const of = target === null ? [] : [target];
    const begun = meetings.find(({ externalId }) => externalId === target)?.createdAt ?? at;
    const from = Math.min(at, (target === null ? undefined : arrivals?.get(target)) ?? begun);
    const { hookId } = by;
    await records.open({ event: 'starved', reason: 'foreign_hook', target, hookId, at, from, to: null, meetings: of });
  }
  for (const [target, from] of silent) {
    const ids = target === null ? meetings.map(({ externalId }) => externalId) : [target];
    await records.open({ event: 'silent', reason: 'no_deliveries', target, hookId: null, at, from, to: null, meetings: ids });
  }
  for (const { event, target } of await records.openEntries()) {
    const isOver =
      (event === 'starved' && (!starved.has(target) || fallback)) ||
      (event === 'silent' && !silent.has(target)) ||
      (event === 'lost' && (!wanted.has(target) || !tenant.enabled));
    if (isOver) await records.close(event, target, at);
  }
}

/** Whether nothing has answered since it began to fail. A refusal is an answer, and may be of one access URL alone: by its algorithm, or its hooks. */
function isAway({ answeredAt, failingSince }: ServerState): boolean {
  return failingSince !== null && (answeredAt === null || answeredAt < failingSince);
}

async function answered(records: HookRecords, { failures }: ServerState, at: number): Promise<void> {
  await records.setServer({ answeredAt: at, failures: 0, failingSince: null, problem: null, nextLookAt: null });
  if (failures > 0) await records.close('unanswered', null, at);
}

async function failed(
  records: HookRecords,
  state: ServerState,
  error: BbbError,
  at: number,
  rest = REST_MINUTES[Math.min(state.failures + 1, REST_MINUTES.length) - 1] ?? 1,
): Promise<void> {
  const failures = state.failures + 1;
  await records.setServer({
    answeredAt: error instanceof BbbFailedError ? at : state.answeredAt,
    failures,
    failingSince: state.failingSince ?? at,
    problem: error.message,
    nextLookAt: rest === 0 ? null : at + rest * MINUTE_MS - SLACK_MS,
  });
  const reason = error instanceof BbbFailedError ? error.messageKey : error.code;
  await records.open({ event: 'unanswered', reason, target: null, hookId: null, at, from: at, to: null, meetings: [] });
}
