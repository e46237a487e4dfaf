import { BbbFailedError } from './errors.js';
import type { HookKeeper } from './hook-keeper.js';
import type { HookRecords } from './hook-ledger.js';
import { type BbbError, isBbbError, wishesOf } from './hook-look.js';
import type { Orphan } from './hook-orphans.js';
import { type HookPlan, targetOf } from './hook-plan.js';
import {
  type HooksHealth,
  hostOf,
  isoOf,
  type ToldHook,
  type ToldProblem,
  toldGap,
  toldProblem,
  unanswered,
} from './hook-report.js';
import { missingSetting } from './hook-tenant.js';

const DAY_MS = 86_400_000;
const GAPS_SINCE_MS = 7 * DAY_MS;
const MAX_GAPS = 1_000;
/** A URL is good for 15 minutes by this machine's clock, and a delivery too: further apart than this, something is wrong. */
const CLOCK_LIMIT_MS = 60_000;
/** A renewal that is due is nothing wrong until the watch has missed it some times, in ms. */
const OVERDUE_MS = 10 * 60_000;

/** How the hooks of an access URL are (docs/hooks.md, "Health"). Reads alone; throws only what the database throws. */
export async function healthOf(
  keeper: HookKeeper | null,
  {
    tenant,
    publicUrl,
    records,
    sharesServer,
    now,
  }: {
    readonly tenant: HookKeeper['tenant'];
    readonly publicUrl: string | null;
    readonly records: HookRecords;
    readonly sharesServer: boolean;
    readonly now: number;
  },
): Promise<HooksHealth> {
  const { accessUrlId, enabled, scope } = tenant;
  const gaps = (await records.gaps(now - GAPS_SINCE_MS, MAX_GAPS)).map(toldGap);
  const { failingSince } = await records.server();
  const server = { reachable: false, checksumAccepted: null, clockAheadSeconds: null, failingSince: isoOf(failingSince) };
  const common = { accessUrlId, enabled, scope, gaps };
  const missing = missingSetting(tenant, publicUrl);
  const unset: ToldProblem[] =
    missing === null || !enabled
      ? []
      : [{ kind: 'not_configured', meetingId: null, text: `${missing} is not set: no hook can be registered` }];
  if (keeper === null) return { ...common, ok: unset.length === 0, server, hooks: null, problems: unset };
  try {
    const { hooks: listed, clockAheadMs } = await keeper.client.listHooks();
    const known = await records.known();
    const wishes = await wishesOf(keeper, records, known, sharesServer, listed);
    if (wishes.untold !== null) throw wishes.untold;
    const urls = await keeper.urls(records);
    const plan = keeper.plan(urls, listed, known, wishes);
    const foreign = listed.filter((hook) => urls.read(hook) === null).length;
    const standsIn = wishes.fallback && plan.kept.has(null);
    const planned = missing === null ? planProblems(plan, known, now) : [];
    // What a global hook stands in for is mended.
    const problems = [...unset, ...clockProblems(clockAheadMs), ...planned.filter(({ kind }) => kind !== 'starved' || !standsIn)];
    return {
      ...common,
      ok: problems.length === 0,
      server: { ...server, reachable: true, checksumAccepted: true, clockAheadSeconds: secondsOf(clockAheadMs) },
      hooks: { wanted: wishes.wanted.size, good: plan.kept.size, foreign },
      problems,
    };
  } catch (error) {
    if (!isBbbError(error)) throw error;
    return {
      ...common,
      ok: false,
      server: { ...server, ...answerOf(error) },
      hooks: null,
      problems: [...unset, unanswered(error)],
    };
  }
}

/** Of an access URL that is configured no more: what is written down of it, since nobody can ask its server. */
export async function healthOfOrphan({ accessUrlId, records }: Orphan, now: number): Promise<HooksHealth> {
  const { length } = await records.known();
  const text = `the access URL is configured no more, and ${length} of its hooks may still be on their BBB server: they are removed if another access URL has that server, and else given up by it within minutes`;
  return {
    accessUrlId,
    ok: false,
    enabled: false,
    scope: 'per_meeting',
    server: { reachable: false, checksumAccepted: null, clockAheadSeconds: null, failingSince: null },
    hooks: null,
    problems: [{ kind: 'not_configured', meetingId: null, text }],
    gaps: (await records.gaps(now - GAPS_SINCE_MS, MAX_GAPS)).map(toldGap),
  };
}

function answerOf(error: BbbError): { readonly reachable: boolean; readonly checksumAccepted: boolean | null } {
  if (!(error instanceof BbbFailedError)) return { reachable: false, checksumAccepted: null };
  return { reachable: true, checksumAccepted: error.messageKey !== 'checksumError' };
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 1_000);
}

function clockProblems(aheadMs: number | null): ToldProblem[] {
  if (aheadMs === null || Math.abs(aheadMs) <= CLOCK_LIMIT_MS) return [];
  const text = `the BBB server's clock is ${Math.abs(Math.round(aheadMs / 1_000))} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return [{ kind: 'clock', meetingId: null, text }];
}

function planProblems(
  plan: HookPlan,
  known: readonly { readonly target: string | null; readonly signedAt: number }[],
  now: number,
): ToldProblem[] {
  const problems = plan.problems.map(toldProblem);
  for (const action of plan.actions) {
    if (action.do === 'destroy') {
      if (action.reason === 'replaced') continue;
      problems.push({
        kind: 'unwanted',
        meetingId: action.target,
        text: `hook ${action.hook.hookId} of ours is for nothing`,
      });
    } else if (action.reason === 'due' || action.reason === 'silence') {
      const last = Math.max(0, ...known.filter(({ target }) => target === action.target).map(({ signedAt }) => signedAt));
      if (now - last < OVERDUE_MS) continue;
      problems.push({ kind: 'overdue', meetingId: action.target, text: 'a hook was not renewed: does the worker run?' });
    } else {
      problems.push({
        kind: 'missing',
        meetingId: action.target,
        text: `there is no such hook as there should be (${action.reason})`,
      });
    }
  }
  return problems;
}

/** All hooks of the server. @throws what the client throws */
export async function toldHooks(keeper: HookKeeper, records: HookRecords): Promise<ToldHook[]> {
  const urls = await keeper.urls(records);
  const { hooks } = await keeper.client.listHooks();
  return hooks.map((hook) => {
    const { hookId, meetingId, eventNames, permanent, callbackUrl } = hook;
    const own = urls.read(hook);
    const address = own === null ? hostOf(hook) : callbackUrl.slice(0, callbackUrl.indexOf('?'));
    const target = own === null ? meetingId : targetOf(hook, own);
    return {
      hookId,
      ours: own !== null,
      meetingId: target,
      address,
      signedAt: isoOf(own?.signedAt ?? null),
      eventNames,
      permanent,
    };
  });
}
