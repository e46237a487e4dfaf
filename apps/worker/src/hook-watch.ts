import { HookError } from '@bbb-activity/bbb/hook-errors';
import type { LookOutcome } from '@bbb-activity/bbb/hook-look';
import type { Hooks } from '@bbb-activity/bbb/hooks';
import type { Tenants } from '@bbb-activity/config/tenants';
import type { RunFigures } from '@bbb-activity/queue/scheduled-jobs';
import { describeFailure } from '@bbb-activity/store/errors';
import type { Logger } from '@bbb-activity/telemetry/logger';

/**
 * One look at the hooks of every access URL, one after the other (docs/hooks.md, "The watch"). No trouble of one keeps another from its turn.
 *
 * @throws once all had their turn, the first error that nobody foresaw, as of the database or of the program
 */
export async function watchHooks(
  hooks: Pick<Hooks, 'accessUrlIds' | 'look'>,
  log: Logger,
  signal: AbortSignal,
): Promise<RunFigures> {
  const told = { hooks: 0, registered: 0, renewed: 0, removed: 0, lost: 0, silent: 0, problems: 0, failed: 0, resting: 0 };
  const unforeseen: unknown[] = [];
  for (const accessUrl of hooks.accessUrlIds) {
    if (signal.aborted) break;
    const look = await lookAt(hooks, accessUrl, log, unforeseen);
    if (look === null) told.failed += 1;
    else if (look.outcome === 'failed') {
      told.failed += 1;
      log.warn({ accessUrl, reason: look.error.message }, 'the BBB server does not tell its hooks; asked again later');
    } else if (look.outcome === 'resting') told.resting += 1;
    else if (look.outcome === 'looked') count(told, look, accessUrl, log);
  }
  if (unforeseen.length > 0) throw unforeseen[0];
  return told;
}

/** Null where it came to an error; one that is no HookError is added to `unforeseen`. */
async function lookAt(
  hooks: Pick<Hooks, 'look'>,
  accessUrl: number,
  log: Logger,
  unforeseen: unknown[],
): Promise<LookOutcome | null> {
  try {
    return await hooks.look(accessUrl);
  } catch (error) {
    const isOurs = error instanceof HookError;
    if (!isOurs) unforeseen.push(error);
    // Words of other errors may quote values.
    const reason = isOurs ? `${error.code}: ${error.message}` : describeFailure(error);
    log.error({ accessUrl, reason }, 'the hooks of an access URL could not be seen to');
    return null;
  }
}

function count(
  told: Record<string, number>,
  { changes, silent, hooks }: Extract<LookOutcome, { outcome: 'looked' }>,
  accessUrl: number,
  log: Logger,
): void {
  const { registered, renewed, removed, lost, problems, refused } = changes;
  const figures = { hooks, silent, problems: problems.length + refused.length };
  const lengths = { registered: registered.length, renewed: renewed.length, removed: removed.length, lost: lost.length };
  for (const [name, value] of Object.entries({ ...figures, ...lengths })) told[name] = (told[name] ?? 0) + value;
  if (lost.length > 0) log.warn({ accessUrl, lost: lost.length }, 'hooks were gone from the BBB server, and are made anew');
  for (const { error } of refused) log.warn({ accessUrl, reason: error.message }, 'the BBB server refuses a hook');
}

/** Says what has to be set before hooks can be registered, of access URLs that have a BBB server. */
export function tellMissingSettings(hooks: Pick<Hooks, 'missingSetting'>, { all }: Tenants, log: Logger): void {
  for (const { accessUrlId, bbbUrl, enabled } of all.values()) {
    const missing = hooks.missingSetting(accessUrlId);
    if (!enabled || bbbUrl === null || missing === null) continue;
    log.warn({ accessUrl: accessUrlId }, `${missing} is not set: no hook is registered on the BBB server, and none is watched`);
  }
}
