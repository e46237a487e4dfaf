import type { TenantSettings, Tenants } from '@bbb-activity/config/tenants';
import { eventFilter } from '@bbb-activity/events/event-filter';

/** What ingress has to know of one access URL of the learning platform to check and read what is sent for it. */
export interface Tenant {
  readonly accessUrlId: number;
  /** Secrets of the legacy URL's signature; none means that the legacy endpoint is not configured. */
  readonly salts: readonly string[];
  /** Secrets of the modern endpoint; none means that no request there is signed. */
  readonly kernelSecrets: readonly string[];
  /** Shared secrets of the BBB server, for its checksum and bearer. */
  readonly bbbSecrets: readonly string[];
  readonly hashAlgo: 'sha256' | 'sha1';
  readonly enabled: boolean;
  /** Null lets every event pass. */
  readonly eventFilter: ReadonlySet<string> | null;
  /** Take a legacy URL without time although its delivery proves nothing. */
  readonly allowUntimed: boolean;
}

/** By access URL id. */
export type TenantsById = ReadonlyMap<number, Tenant>;

export function tenantsOf({ all }: Tenants): TenantsById {
  return new Map([...all].map(([id, settings]) => [id, tenantOf(settings)]));
}

function tenantOf(settings: TenantSettings): Tenant {
  const { accessUrlId, salts, kernelSecrets, bbbSecrets, urlAlgorithm, enabled, filter, allowUntimed } = settings;
  const hashAlgo = urlAlgorithm;
  return { accessUrlId, salts, kernelSecrets, bbbSecrets, hashAlgo, enabled, eventFilter: eventFilter(filter), allowUntimed };
}
