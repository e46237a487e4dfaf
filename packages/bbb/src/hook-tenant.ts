import type { ChecksumAlgorithm } from '@bbb-activity/signatures/checksum-algorithm';
import type { LegacyAlgorithm } from '@bbb-activity/signatures/legacy-url';
import { HookError } from './hook-errors.js';

export const HOOK_SCOPES = ['per_meeting', 'global'] as const;
export type HookScope = (typeof HOOK_SCOPES)[number];

/** What is needed of an access URL to keep its hooks. */
export interface HookTenant {
  readonly accessUrlId: number;
  /** Of the callback URL's signature; the first one signs. */
  readonly salts: readonly string[];
  readonly urlAlgorithm: LegacyAlgorithm;
  /** Ends in `/bigbluebutton`; null where there is no server. */
  readonly bbbUrl: string | null;
  readonly bbbSecrets: readonly string[];
  readonly bbbAlgorithm: ChecksumAlgorithm;
  readonly scope: HookScope;
  /** Names of events; none lets all pass. */
  readonly filter: readonly string[];
  readonly enabled: boolean;
}

/** Why nothing can be registered for an access URL; null where something can. */
export function missingSetting({ bbbUrl, bbbSecrets, salts }: HookTenant, publicUrl: string | null): string | null {
  if (bbbUrl === null) return 'BBB_URL';
  if (bbbSecrets.length === 0) return 'BBB_SECRET';
  if (salts.length === 0) return 'WEBHOOK_SALT';
  return publicUrl === null ? 'PUBLIC_URL' : null;
}

export function notConfigured(accessUrlId: number, missing: string): HookError {
  return new HookError('hooks_not_configured', `${missing} is not set for access URL ${accessUrlId}: no hook can be registered`);
}
