import { sentNamesOf } from '@bbb-activity/events/event-filter';
import type { BbbClient } from './bbb-client.js';
import { CallbackUrls } from './callback-urls.js';
import { BbbFailedError } from './errors.js';
import { HookError } from './hook-errors.js';
import type { HookRecords, KnownHook } from './hook-ledger.js';
import { type HookAction, type HookPlan, type HookProblem, type HookTarget, planHooks, SUSPECT_AFTER_MS } from './hook-plan.js';
import { latestByTarget, missingSince } from './hook-silence.js';
import type { HookTenant } from './hook-tenant.js';
import type { ListedHook } from './listed-hooks.js';
import type { BbbMeeting } from './meetings.js';

/** What is to be so. */
export interface HookWishes {
  readonly wanted: ReadonlySet<HookTarget>;
  readonly lingering: boolean;
  /** What is looked at alone; undefined for all. */
  readonly only?: HookTarget | undefined;
  /** Since when nothing arrives, in unix ms. */
  readonly silent?: ReadonlyMap<HookTarget, number>;
  /** Those that go on, as far as the server was asked. */
  readonly meetings?: readonly BbbMeeting[];
  readonly arrivals?: ReadonlyMap<string, number>;
  /** Why hooks that nothing asks for go, for the history. */
  readonly why: (target: HookTarget) => string;
}

/** What was done. */
export interface HookChanges {
  /** For what a hook was made that had none. */
  readonly registered: readonly HookTarget[];
  /** Among these what had one that was lost. */
  readonly lost: readonly HookTarget[];
  readonly renewed: readonly HookTarget[];
  /** Hooks removed whose place no other took. */
  readonly removed: readonly string[];
  readonly problems: readonly HookProblem[];
  /** What the server would not make, for some of them. */
  readonly refused: readonly RefusedHook[];
}

/** A hook that was not made: the server refused it, or (`hook_duplicate`) took each URL for one that it has. */
export interface RefusedHook {
  readonly target: HookTarget;
  readonly error: BbbFailedError | HookError;
}

const MAX_DUPLICATES = 5;
/** The server's clock tells when a meeting ended, ours when a hook was made. */
const CLOCKS_APART_MS = 60_000;
/** What arrived is written by then, unless the workers' queue is long. */
const WRITTEN_AFTER_MS = 150_000;

function isRefusal(error: unknown): error is RefusedHook['error'] {
  return error instanceof HookError || (error instanceof BbbFailedError && error.messageKey !== 'checksumError');
}

/** Compares, plans, does and writes down, for the hooks of one access URL; whoever calls holds their lock. */
export class HookKeeper {
  readonly tenant: HookTenant;
  readonly client: BbbClient;
  readonly #publicUrl: string | null;
  readonly #clock: () => number;

  /** @param clock gives unix ms */
  constructor(tenant: HookTenant, publicUrl: string | null, client: BbbClient, clock: () => number) {
    this.tenant = tenant;
    this.client = client;
    this.#publicUrl = publicUrl;
    this.#clock = clock;
  }

  get now(): number {
    return this.#clock();
  }

  /** Meetings whose events go to a foreign hook alone, whether something of them arrives otherwise or not. */
  starvedBy(urls: CallbackUrls, listed: readonly ListedHook[], known: readonly KnownHook[], wishes: HookWishes): HookProblem[] {
    return this.plan(urls, listed, known, { ...wishes, arrivals: new Map(), silent: new Map() }).problems.filter(
      ({ kind }) => kind === 'starved',
    );
  }

  /** Knows our callback URLs. */
  async urls(records: HookRecords): Promise<CallbackUrls> {
    const { accessUrlId, salts, urlAlgorithm: algorithm } = this.tenant;
    const [formerUrls, known] = [await records.addresses(), await records.known()];
    return new CallbackUrls({ accessUrlId, publicUrl: this.#publicUrl, formerUrls, salts, algorithm, known });
  }

  plan(urls: CallbackUrls, listed: readonly ListedHook[], known: readonly KnownHook[], wishes: HookWishes): HookPlan {
    const { wanted, lingering, only, silent = new Map() } = wishes;
    const input = {
      listed,
      own: (hook: ListedHook) => urls.read(hook),
      wanted,
      known: new Set(known.map(({ target }) => target)),
      eventNames: sentNamesOf(this.tenant.filter),
      lingering,
      only,
      now: this.now,
    };
    const starved = new Set(
      planHooks({ ...input, silent: new Set() }).problems.flatMap((one) => (one.kind === 'starved' ? [one.target] : [])),
    );
    // Of one whose events another hook takes, silence is no wonder, and nothing would be gained.
    const plan = planHooks({
      ...input,
      silent: new Set([...silent.keys()].filter((target) => target === null || !starved.has(target))),
    });
    // A server that serves all hooks of a meeting (2.x) starves none.
    const isHeard = (target: string) => input.now - (wishes.arrivals?.get(target) ?? 0) < SUSPECT_AFTER_MS;
    return { ...plan, problems: plan.problems.filter((problem) => problem.kind !== 'starved' || !isHeard(problem.target)) };
  }

  /**
   * Makes it so. The server's list comes first: where it cannot be had nothing is changed.
   *
   * @throws what the client throws, a refusal of one hook excepted
   */
  async mend(records: HookRecords, listed: readonly ListedHook[], wishes: HookWishes): Promise<HookChanges> {
    const known = await records.known();
    const urls = await this.urls(records);
    const plan = this.plan(urls, listed, known, wishes);
    const listedIds = new Set(listed.map(({ hookId }) => hookId));
    const gone = known.filter(
      ({ hookId, target }) => !listedIds.has(hookId) && (wishes.only === undefined || target === wishes.only),
    );
    await this.#tellLost(records, plan, known, wishes);
    await records.seen([...listedIds], this.now);
    for (const [target, hook] of plan.kept) await this.#adopt(records, urls, target, hook, known);
    const over = await this.#tellOver(
      records,
      gone.filter(({ target }) => !wishes.wanted.has(target)),
    );
    await records.forget([...over, ...gone.filter(({ target }) => plan.kept.has(target))].map(({ hookId }) => hookId));
    const changes = await this.#do(records, urls, plan, known, wishes);
    const made = new Set([...changes.registered, ...changes.renewed]);
    await records.forget(gone.filter(({ target }) => made.has(target)).map(({ hookId }) => hookId));
    return changes;
  }

  async #do(
    records: HookRecords,
    urls: CallbackUrls,
    plan: HookPlan,
    known: readonly KnownHook[],
    wishes: HookWishes,
  ): Promise<HookChanges> {
    const changes = {
      registered: [] as HookTarget[],
      lost: [] as HookTarget[],
      renewed: [] as HookTarget[],
      removed: [] as string[],
    };
    const refused: RefusedHook[] = [];
    for (const action of plan.actions) {
      if (action.do === 'create') {
        try {
          await this.#create(records, urls, action, known, wishes);
        } catch (error) {
          // Refusing one hook says nothing about the others; any other failure does.
          if (!isRefusal(error)) throw error;
          refused.push({ target: action.target, error });
          continue;
        }
        const isNew = action.reason === 'first' || action.reason === 'lost';
        changes[isNew ? 'registered' : 'renewed'].push(action.target);
        if (action.reason === 'lost') changes.lost.push(action.target);
        continue;
      }
      const { target, hook } = action;
      const { hookId } = hook;
      // What could not be replaced stays.
      if (action.reason === 'replaced' && refused.some((one) => one.target === target)) continue;
      await this.client.destroyHook(hookId);
      await records.forget([hookId]);
      if (action.reason === 'replaced' && changes.renewed.includes(target)) continue;
      changes.removed.push(hookId);
      await this.#tell(records, 'removed', action.reason === 'replaced' ? 'spare' : wishes.why(target), target, hookId);
    }
    return { ...changes, refused, problems: plan.problems };
  }

  async #create(
    records: HookRecords,
    urls: CallbackUrls,
    { target, reason, signedSeconds }: Extract<HookAction, { do: 'create' }>,
    known: readonly KnownHook[],
    { meetings = [] }: HookWishes,
  ): Promise<void> {
    if (this.#publicUrl !== null) await records.noteAddress(this.#publicUrl);
    const made = await this.#register(urls, target, signedSeconds);
    const at = this.now;
    const before = latestByTarget(known).get(target);
    const isNew = reason === 'first' || reason === 'lost';
    const coveredSince = isNew || before === undefined ? at : before.coveredSince;
    await records.keep({ hookId: made.hookId, target, signedAt: made.signedAt, registeredAt: at, coveredSince, seenAt: at });
    await this.#tell(records, isNew ? 'registered' : 'renewed', reason, target, made.hookId);
    await records.close('lost', target, at);
    const busy = meetings.filter(
      ({ externalId, participants }) => participants > 0 && (target === null || externalId === target),
    );
    if (reason !== 'first' || busy.length === 0) return;
    const from = Math.min(at, ...busy.map(({ createdAt }) => createdAt));
    const ids = busy.map(({ externalId }) => externalId);
    await records.tell({ event: 'missed', reason: 'late', target, hookId: made.hookId, at, from, to: at, meetings: ids });
  }

  async #register(urls: CallbackUrls, target: HookTarget, signedSeconds: number): Promise<{ hookId: string; signedAt: number }> {
    const eventNames = sentNamesOf(this.tenant.filter);
    for (let second = signedSeconds; second < signedSeconds + MAX_DUPLICATES; second += 1) {
      const callbackUrl = urls.make(target, second);
      const { hookId, duplicate } = await this.client.createHook({ callbackUrl, meetingId: target, eventNames });
      // Known and not listed: whatever it is, nobody can tell what it is for.
      if (!duplicate) return { hookId, signedAt: second * 1_000 };
    }
    throw new HookError('hook_duplicate', 'the BBB server takes every callback URL for one that it has already');
  }

  async #tellLost(
    records: HookRecords,
    plan: HookPlan,
    known: readonly KnownHook[],
    { meetings = [], arrivals = new Map() }: HookWishes,
  ) {
    const latest = latestByTarget(known);
    for (const action of plan.actions) {
      const hook = action.do === 'create' && action.reason === 'lost' ? latest.get(action.target) : undefined;
      if (hook === undefined) continue;
      const meant = meetings.filter(({ externalId }) => hook.target === null || externalId === hook.target);
      // Some may have ended since, unheard.
      const unended = hook.target === null ? await records.goingOn(hook.coveredSince) : [];
      const ids = hook.target === null ? [...new Set([...meant.map(({ externalId }) => externalId), ...unended])] : [hook.target];
      const times = meant.flatMap(({ externalId }) => arrivals.get(externalId) ?? []);
      const from = missingSince(hook, times.length === 0 ? undefined : Math.max(...times));
      const { target, hookId } = hook;
      await records.open({ event: 'lost', reason: 'not_listed', target, hookId, at: this.now, from, to: null, meetings: ids });
    }
  }

  /**
   * Of hooks that are gone, and that nothing asks for any more: where the end of the meeting was heard, the server removed the hook because of it. Where it
   * was not, the hook was gone before, and at least the end is missing; but what arrived may not be written yet, so that this waits for a later look.
   * Gives those about which all is told.
   */
  async #tellOver(records: HookRecords, gone: readonly KnownHook[]): Promise<KnownHook[]> {
    const runs = await records.lastRuns(gone.flatMap(({ target }) => target ?? []));
    const told: KnownHook[] = [];
    for (const hook of gone) {
      const { hookId, target, coveredSince, seenAt } = hook;
      const { endedAt = null, heardAt = null } = runs.get(target ?? '') ?? {};
      const isHeard = target === null || !this.tenant.enabled || (endedAt !== null && endedAt >= coveredSince - CLOCKS_APART_MS);
      if (!isHeard && this.now - seenAt < WRITTEN_AFTER_MS) continue;
      told.push(hook);
      if (isHeard) await this.#tell(records, 'removed', 'gone', target, hookId);
      else {
        const [at, from] = [this.now, missingSince(hook, heardAt ?? undefined)];
        const meetings = target === null ? [] : [target];
        await records.open({ event: 'lost', reason: 'not_listed', target, hookId, at, from, to: null, meetings });
      }
      // What went on being lost until the meeting ended.
      await records.close('lost', target, this.now);
    }
    return told;
  }

  /** Writes down a hook of ours that is good, and that nothing is known of: its row was lost, or another installation made it. */
  async #adopt(records: HookRecords, urls: CallbackUrls, target: HookTarget, hook: ListedHook, known: readonly KnownHook[]) {
    const { hookId } = hook;
    if (known.some((one) => one.hookId === hookId)) return;
    const at = this.now;
    const signedAt = urls.read(hook)?.signedAt ?? at;
    const coveredSince = latestByTarget(known).get(target)?.coveredSince ?? Math.min(at, signedAt);
    await records.keep({ hookId, target, signedAt, registeredAt: Math.min(at, signedAt), coveredSince, seenAt: at });
    await this.#tell(records, 'adopted', 'not_known', target, hookId);
    await records.close('lost', target, at);
  }

  async #tell(
    records: HookRecords,
    event: 'registered' | 'renewed' | 'removed' | 'adopted',
    reason: string,
    target: HookTarget,
    hookId: string,
  ) {
    await records.tell({ event, reason, target, hookId, at: this.now, from: null, to: null, meetings: [] });
  }
}
