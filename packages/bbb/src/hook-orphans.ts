import { isWritten } from './callback-urls.js';
import type { HookKeeper } from './hook-keeper.js';
import type { HookRecords, KnownHook } from './hook-ledger.js';
import type { ListedHook } from './listed-hooks.js';

/** An access URL that is configured no more, and of which hooks are written down. */
export interface Orphan {
  readonly accessUrlId: number;
  readonly records: HookRecords;
}

/** Nobody accepts what a hook of an orphan sends, so that its server has given it up long before, in ms. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/**
 * Removes the hooks of access URLs that are configured no more from a server that another access URL still asks. Their salts are gone with them: ours is what was
 * written down, by its id, access URL and second. What no server lists any more is forgotten after a day. Gives those of the list that were removed.
 *
 * @throws what the client throws
 */
export async function removeOrphans(
  { client, now }: HookKeeper,
  listed: readonly ListedHook[],
  orphans: readonly Orphan[],
): Promise<ReadonlySet<ListedHook>> {
  const removed = new Set<ListedHook>();
  for (const { accessUrlId, records } of orphans) {
    const known = await records.known();
    let left = known.length;
    for (const one of known) {
      const hook = listed.find((other) => other.hookId === one.hookId && !other.permanent && isOf(other, accessUrlId, one));
      if (hook !== undefined) {
        await client.destroyHook(hook.hookId);
        removed.add(hook);
      } else if (now - one.seenAt < FORGOTTEN_AFTER_MS) continue;
      await tellRemoved(records, one, now);
      left -= 1;
    }
    // Nobody will ever look whether it is still so.
    if (left === 0) for (const { event, target } of await records.openEntries()) await records.close(event, target, now);
  }
  return removed;
}

async function tellRemoved(records: HookRecords, { target, hookId }: KnownHook, at: number): Promise<void> {
  await records.forget([hookId]);
  const entry = { event: 'removed', reason: 'unconfigured', target, hookId, at, from: null, to: null, meetings: [] } as const;
  await records.tell(entry);
}

function isOf({ callbackUrl }: ListedHook, accessUrlId: number, known: KnownHook): boolean {
  return isWritten(callbackUrl.slice(callbackUrl.indexOf('?') + 1), accessUrlId, known);
}
