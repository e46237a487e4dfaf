import { BbbAnswerError, BbbFailedError, BbbUnreachableError } from './errors.js';
import type { HookChanges, HookKeeper, HookWishes } from './hook-keeper.js';
import type { HookRecords, KnownHook, ServerState } from './hook-ledger.js';
import type { HookTarget } from './hook-plan.js';
import { silentSince } from './hook-silence.js';
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

export function isBbbError(error: unknown): error is BbbError {
  return error instanceof BbbUnreachableError || error instanceof BbbAnswerError || error instanceof BbbFailedError;
}

/**
 * One look at the hooks of an access URL, which mends what is not as it should be (docs/hooks.md, "The watch").
 *
 * @param sharesServer whether another access URL has the same server: then a meeting is this one's only if something tells so
 * @param patient whether a server that did not answer lately is left alone
 * @throws what the database throws, and HookError `hook_duplicate`
 */
export async function look(
  keeper: HookKeeper,
  records: HookRecords,
  sharesServer: boolean,
  patient: boolean,
): Promise<LookOutcome> {
  const state = await records.server();
  if (patient && state.nextLookAt !== null && state.nextLookAt > keeper.now) return { outcome: 'resting' };
  const known = await records.known();
  if (!keeper.tenant.enabled && known.length === 0) return { outcome: 'nothing' };
  try {
    const { hooks: listed } = await keeper.client.listHooks();
    const wishes = await wishesOf(keeper, records, known, sharesServer);
    const changes = await keeper.mend(records, listed, wishes);
    await tellWhatIsSo(keeper, records, changes, wishes);
    await answered(records, state, keeper.now);
    return { outcome: 'looked', changes, silent: wishes.silent.size, hooks: wishes.wanted.size };
  } catch (error) {
    if (!isBbbError(error)) throw error;
    await failed(records, state, error, keeper.now);
    return { outcome: 'failed', error };
  }
}

/** What should be there, and what is known of the meetings. */
export async function wishesOf(
  { tenant, client, now }: HookKeeper,
  records: HookRecords,
  known: readonly KnownHook[],
  sharesServer: boolean,
): Promise<HookWishes & { readonly silent: ReadonlyMap<HookTarget, number>; readonly meetings: readonly BbbMeeting[] }> {
  const { enabled, scope } = tenant;
  if (!enabled) return { wanted: new Set(), lingering: false, silent: new Map(), meetings: [], why: () => 'disabled' };
  const goingOn = (await client.getMeetings()).filter(({ endedAt }) => endedAt === null);
  const meetings = scope === 'per_meeting' && sharesServer ? await ownMeetings(goingOn, records, known) : goingOn;
  const wanted = new Set<HookTarget>(scope === 'global' ? [null] : meetings.map(({ externalId }) => externalId));
  const arrivals = await records.lastArrivals(meetings);
  const silent = silentSince(
    known.filter(({ target }) => wanted.has(target)),
    meetings,
    arrivals,
    now,
  );
  const why = (target: HookTarget) => (scope === 'global' || target === null ? 'scope' : 'ended');
  return { wanted, lingering: scope === 'per_meeting', silent, meetings, arrivals, why };
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
  { wanted, silent, meetings }: Awaited<ReturnType<typeof wishesOf>>,
): Promise<void> {
  const starved = new Map(
    problems.flatMap((one) => (one.kind === 'starved' ? [[one.target as HookTarget, one.by] as const] : [])),
  );
  for (const [target, by] of starved) {
    const of = target === null ? [] : [target];
    await records.open({
      event: 'starved',
      reason: 'foreign_hook',
      target,
      hookId: by.hookId,
      at,
      from: at,
      to: null,
      meetings: of,
    });
  }
  for (const [target, from] of silent) {
    const ids = target === null ? meetings.map(({ externalId }) => externalId) : [target];
    await records.open({ event: 'silent', reason: 'no_deliveries', target, hookId: null, at, from, to: null, meetings: ids });
  }
  for (const { event, target } of await records.openEntries()) {
    const isOver =
      (event === 'starved' && !starved.has(target)) ||
      (event === 'silent' && !silent.has(target)) ||
      (event === 'lost' && (!wanted.has(target) || !tenant.enabled));
    if (isOver) await records.close(event, target, at);
  }
}

async function answered(records: HookRecords, { failures }: ServerState, at: number): Promise<void> {
  await records.setServer({ answeredAt: at, failures: 0, failingSince: null, problem: null, nextLookAt: null });
  if (failures > 0) await records.close('unanswered', null, at);
}

async function failed(records: HookRecords, state: ServerState, error: BbbError, at: number): Promise<void> {
  const failures = state.failures + 1;
  const rest = REST_MINUTES[Math.min(failures, REST_MINUTES.length) - 1] ?? 1;
  await records.setServer({
    answeredAt: state.answeredAt,
    failures,
    failingSince: state.failingSince ?? at,
    problem: error.message,
    nextLookAt: at + rest * MINUTE_MS - SLACK_MS,
  });
  const reason = error instanceof BbbFailedError ? error.messageKey : error.code;
  await records.open({ event: 'unanswered', reason, target: null, hookId: null, at, from: at, to: null, meetings: [] });
}
