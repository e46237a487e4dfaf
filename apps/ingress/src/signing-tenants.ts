import { type ModernVerdict, StreamedModernCheck } from '@bbb-activity/signatures/modern-header';
import type { Tenant, TenantsById } from './tenant.js';

/** By the keys of which access URLs a request is signed, enabled ones or not. */
export type SigningVerdict =
  | { readonly outcome: 'valid' /** Unix seconds. */; readonly timestamp: number; readonly tenants: readonly Tenant[] }
  | { readonly outcome: Exclude<ModernVerdict['outcome'], 'valid'> };

/** Least telling first. */
const REFUSALS = ['missing', 'bad', 'expired'] as const;

/**
 * Finds whose key signed a request to the modern endpoint, which names its access URL only in its body. The body is hashed once for each
 * secret, however many access URLs share it, as it passes.
 */
export class SigningTenants {
  readonly #checks: readonly { readonly check: StreamedModernCheck; readonly tenants: readonly Tenant[] }[];

  /** @param now unix seconds */
  constructor(
    tenants: TenantsById,
    headers: { readonly timestamp: string | null; readonly signature: string | null },
    now: number,
  ) {
    const bySecret = new Map<string, Tenant[]>();
    for (const tenant of tenants.values()) {
      for (const secret of tenant.kernelSecrets) bySecret.set(secret, [...(bySecret.get(secret) ?? []), tenant]);
    }
    this.#checks = [...bySecret].map(([secret, owners]) => ({
      check: new StreamedModernCheck({ ...headers, secrets: [secret], now }),
      tenants: owners,
    }));
  }

  update(piece: Buffer): void {
    for (const { check } of this.#checks) check.update(piece);
  }

  /** Once, after the last piece. */
  verdict(): SigningVerdict {
    const verdicts = this.#checks.map(({ check, tenants }) => ({ ...check.verdict(), tenants }));
    const valid = verdicts.flatMap((verdict) =>
      verdict.outcome === 'valid' ? [{ timestamp: verdict.timestamp, tenants: verdict.tenants }] : [],
    );
    const [first] = valid;
    if (first !== undefined) {
      const signers = new Set(valid.flatMap(({ tenants }) => tenants));
      return { outcome: 'valid', timestamp: first.timestamp, tenants: [...signers] };
    }
    return { outcome: REFUSALS.findLast((refusal) => verdicts.some(({ outcome }) => outcome === refusal)) ?? 'missing' };
  }
}
