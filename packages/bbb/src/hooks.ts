import { BbbClient, type BbbClientOptions } from './bbb-client.js';
import { HookError } from './hook-errors.js';
import { healthOf, healthOfOrphan, toldHooks } from './hook-health.js';
import { type HookChanges, HookKeeper } from './hook-keeper.js';
import type { HookLedger, HookRecords } from './hook-ledger.js';
import { type LookOutcome, look } from './hook-look.js';
import type { Orphan } from './hook-orphans.js';
import { type HookTarget, targetOf } from './hook-plan.js';
import { type HooksHealth, type ToldEntry, type ToldHook, toldEntry } from './hook-report.js';
import { type HookTenant, missingSetting, notConfigured } from './hook-tenant.js';

export interface HooksOptions {
  /** By access URL id. */
  readonly tenants: ReadonlyMap<number, HookTenant>;
  /** How ingress is called from outside; null where that is not told, and nothing can be registered. */
  readonly publicUrl: string | null;
  readonly ledger: HookLedger;
  /** Gives unix ms. */
  readonly clock?: () => number;
  /** Of the calls to the BBB servers. */
  readonly limits?: Pick<BbbClientOptions, 'timeoutMs' | 'maxAnswerBytes'>;
}

/** How long an operation waits for others on the same hooks, in ms. */
const WAIT_MS = 20_000;

/**
 * The operations on hooks, for all access URLs (docs/hooks.md, "The operations"). All are idempotent, and safe from several processes at
 * once. Besides HookError they throw what the client of the BBB server throws, before anything is changed, and what the database throws.
 */
export class Hooks {
  readonly #options: HooksOptions;
  readonly #clock: () => number;
  readonly #keepers: ReadonlyMap<number, HookKeeper>;
  /** What is being ensured now: who comes meanwhile for the same shares it. */
  readonly #ensuring = new Map<string, Promise<HookChanges>>();

  constructor(options: HooksOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#keepers = new Map([...options.tenants.values()].flatMap((tenant) => this.#keeperOf(tenant)));
  }

  get accessUrlIds(): readonly number[] {
    return [...this.#options.tenants.keys()];
  }

  /** What has to be set before anything can be registered for an access URL; null where nothing is missing. */
  missingSetting(accessUrlId: number): string | null {
    return missingSetting(this.#tenant(accessUrlId), this.#options.publicUrl);
  }

  /** Sees to a hook for a meeting, which need not have begun; where the scope is global, to the global hook, which covers it. */
  async ensureHookForMeeting(remoteId: string, accessUrlId?: number): Promise<HookChanges> {
    // To the server it would be the id of a meeting too, whose events nobody gets.
    if (remoteId === '') throw new HookError('no_meeting', 'the id of the meeting is empty');
    const { scope } = this.#one(accessUrlId);
    return this.#ensure(scope === 'global' ? null : remoteId, accessUrlId);
  }

  /** @throws HookError also `hook_scope` where the scope is another: the watch would remove it */
  async ensureGlobalWebhook(accessUrlId?: number): Promise<HookChanges> {
    const { scope } = this.#one(accessUrlId);
    if (scope !== 'global') throw new HookError('hook_scope', 'there is a global hook only where WEBHOOKS_SCOPE is global');
    return this.#ensure(null, accessUrlId);
  }

  /** One look of the watch, now, whether the server answered lately or not. @throws what made it fail */
  async ensureAll(accessUrlId?: number): Promise<HookChanges> {
    const { tenant } = this.#ready(accessUrlId);
    const outcome = await this.#exclusively(tenant.accessUrlId, (records, keeper) => this.#look(keeper, records, false));
    if (outcome.outcome === 'failed') throw outcome.error;
    if (outcome.outcome !== 'looked') throw new HookError('hooks_busy', 'the hooks were not looked at');
    return outcome.changes;
  }

  /**
   * Removes our hooks, of one meeting or all of them, and no other. While hooks are enabled, the watch makes those that it wants anew.
   *
   * @throws HookError also `permanent_hook` where one of them cannot be removed; then none is
   */
  async cleanupWebhooks(meetingId?: string, accessUrlId?: number): Promise<HookChanges> {
    const { accessUrlId: id } = this.#one(accessUrlId);
    return this.#exclusively(id, async (records, keeper) => {
      const { hooks } = await keeper.client.listHooks();
      const urls = await keeper.urls(records);
      const permanent = hooks.find((hook) => {
        const own = urls.read(hook);
        return hook.permanent && own !== null && (meetingId === undefined || targetOf(hook, own) === meetingId);
      });
      if (permanent !== undefined) {
        const where = "it is of the BBB server's own configuration";
        throw new HookError(
          'permanent_hook',
          `hook ${permanent.hookId} is permanent and cannot be removed: ${where}; nothing was removed`,
        );
      }
      return keeper.mend(records, hooks, { wanted: new Set(), lingering: false, only: meetingId, why: () => 'cleanup' });
    });
  }

  /** Whether the server is there and takes our checksum, whether its hooks are as they should be, and what may be missing. */
  async checkWebhooksHealth(accessUrlId?: number): Promise<HooksHealth[]> {
    const { publicUrl, ledger } = this.#options;
    const orphans = (await this.#orphans()).filter((one) => accessUrlId === undefined || one.accessUrlId === accessUrlId);
    const tenants = accessUrlId !== undefined && orphans.length > 0 ? [] : this.#some(accessUrlId);
    return Promise.all([
      ...orphans.map((orphan) => healthOfOrphan(orphan, this.#clock())),
      ...tenants.map((tenant) =>
        healthOf(this.#keepers.get(tenant.accessUrlId) ?? null, {
          tenant,
          publicUrl,
          records: ledger.records(tenant.accessUrlId),
          sharesServer: this.#sharesServer(tenant),
          now: this.#clock(),
        }),
      ),
    ]);
  }

  /** All hooks of the server, also those that are not ours. */
  async list(accessUrlId?: number): Promise<ToldHook[]> {
    const { accessUrlId: id } = this.#one(accessUrlId);
    return toldHooks(this.#keeper(id), this.#options.ledger.records(id));
  }

  /** What became of the hooks, the newest first; also of an access URL that is configured no more. */
  async history(accessUrlId?: number, limit = 100): Promise<ToldEntry[]> {
    const id = accessUrlId ?? this.#one(accessUrlId).accessUrlId;
    const entries = await this.#options.ledger.records(id).history(limit);
    if (entries.length === 0) this.#tenant(id);
    return entries.map(toldEntry);
  }

  /** One look of the watch; leaves a server that did not answer lately alone for a while, and waits for nobody. */
  async look(accessUrlId: number): Promise<LookOutcome> {
    const tenant = this.#tenant(accessUrlId);
    const keeper = this.#keepers.get(accessUrlId);
    if (keeper === undefined || (tenant.enabled && this.missingSetting(accessUrlId) !== null)) return { outcome: 'nothing' };
    const work = (records: HookRecords) => this.#look(keeper, records, true);
    return (await this.#options.ledger.exclusively(accessUrlId, 0, work))?.result ?? { outcome: 'busy' };
  }

  async #look(keeper: HookKeeper, records: HookRecords, patient: boolean): Promise<LookOutcome> {
    const { tenant } = keeper;
    const others = [...this.#options.tenants.values()].filter(
      ({ accessUrlId, bbbUrl, bbbSecrets }) =>
        accessUrlId !== tenant.accessUrlId && bbbUrl === tenant.bbbUrl && bbbSecrets[0] === tenant.bbbSecrets[0],
    );
    return look(keeper, records, {
      sharesServer: this.#sharesServer(tenant),
      patient,
      others: others.map(({ accessUrlId }) => this.#options.ledger.records(accessUrlId)),
      orphans: await this.#orphans(),
    });
  }

  async #orphans(): Promise<Orphan[]> {
    const { tenants, ledger } = this.#options;
    const written = await ledger.accessUrls();
    return written.filter((id) => !tenants.has(id)).map((accessUrlId) => ({ accessUrlId, records: ledger.records(accessUrlId) }));
  }

  async #ensure(target: HookTarget, accessUrlId: number | undefined): Promise<HookChanges> {
    const { tenant } = this.#ready(accessUrlId);
    const key = JSON.stringify([tenant.accessUrlId, target]);
    const running =
      this.#ensuring.get(key) ?? this.#ensureOne(tenant.accessUrlId, target).finally(() => this.#ensuring.delete(key));
    this.#ensuring.set(key, running);
    return running;
  }

  async #ensureOne(accessUrlId: number, target: HookTarget): Promise<HookChanges> {
    const changes = await this.#exclusively(accessUrlId, async (records, keeper) => {
      const { hooks } = await keeper.client.listHooks();
      return keeper.mend(records, hooks, { wanted: new Set([target]), lingering: true, only: target, why: () => 'scope' });
    });
    const [refused] = changes.refused;
    if (refused !== undefined) throw refused.error;
    return changes;
  }

  async #exclusively<T>(accessUrlId: number, work: (records: HookRecords, keeper: HookKeeper) => Promise<T>): Promise<T> {
    const keeper = this.#keeper(accessUrlId);
    const done = await this.#options.ledger.exclusively(accessUrlId, WAIT_MS, (records) => work(records, keeper));
    if (done === null)
      throw new HookError('hooks_busy', 'another process works on the hooks of this access URL, and does not end');
    return done.result;
  }

  /** What can register hooks. */
  #ready(accessUrlId: number | undefined): HookKeeper {
    const tenant = this.#one(accessUrlId);
    if (!tenant.enabled)
      throw new HookError('webhooks_disabled', `webhooks are switched off for access URL ${tenant.accessUrlId}`);
    const missing = missingSetting(tenant, this.#options.publicUrl);
    if (missing !== null) throw notConfigured(tenant.accessUrlId, missing);
    return this.#keeper(tenant.accessUrlId);
  }

  #some(accessUrlId: number | undefined): readonly HookTenant[] {
    return accessUrlId === undefined ? [...this.#options.tenants.values()] : [this.#tenant(accessUrlId)];
  }

  #one(accessUrlId: number | undefined): HookTenant {
    const [tenant, ...more] = this.#some(accessUrlId);
    if (tenant !== undefined && more.length === 0) return tenant;
    throw new HookError('unknown_access_url', 'there are several access URLs: one has to be named');
  }

  #tenant(accessUrlId: number): HookTenant {
    const tenant = this.#options.tenants.get(accessUrlId);
    if (tenant === undefined) throw new HookError('unknown_access_url', `there is no access URL ${accessUrlId}`);
    return tenant;
  }

  #keeper(accessUrlId: number): HookKeeper {
    const keeper = this.#keepers.get(accessUrlId);
    if (keeper !== undefined) return keeper;
    throw notConfigured(accessUrlId, missingSetting(this.#tenant(accessUrlId), '') ?? 'BBB_URL');
  }

  #keeperOf(tenant: HookTenant): [number, HookKeeper][] {
    const { accessUrlId, bbbUrl: url, bbbAlgorithm: algorithm, bbbSecrets } = tenant;
    const [secret] = bbbSecrets;
    if (url === null || secret === undefined || tenant.salts.length === 0) return [];
    const client = new BbbClient({ url, secret, algorithm, ...this.#options.limits });
    return [[accessUrlId, new HookKeeper(tenant, this.#options.publicUrl, client, this.#clock)]];
  }

  #sharesServer({ accessUrlId, bbbUrl }: HookTenant): boolean {
    return [...this.#options.tenants.values()].some((other) => other.accessUrlId !== accessUrlId && other.bbbUrl === bbbUrl);
  }
}
