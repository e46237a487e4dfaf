import { judgeLegacyTime, namedAccessUrl, type SignedLegacyUrl, verifyLegacyUrl } from '@bbb-activity/signatures/legacy-url';
import type { Tenant, TenantsById } from './tenant.js';

/** Whose URL it is, and what it proves. `tenant` is the one whose salts were tried, where any were. */
export type UrlVerdict =
  | { readonly tenant: Tenant; readonly signed: SignedLegacyUrl }
  | { readonly tenant: Tenant | undefined; readonly signed: { readonly outcome: 'missing' | 'bad' } };

/** A hook has one URL, or one a meeting, of some hundred bytes. Whoever has one can make more, by parameters that are not signed: those cost 4 MB at most. */
const REMEMBERED = 4_000;
const LONGEST_REMEMBERED = 1_000;
/** What a BBB server appends to each delivery. A whole pair at the end: what stands before it reads the same without it. */
const CHECKSUM = '&checksum=';

/**
 * Checks legacy URLs, and remembers those that were signed rightly: a hook posts to the same URL for as long as it lives, and only the checksum
 * that is appended differs. What a URL's time is worth is judged each time. Only a right signature is remembered, so that nobody without one
 * drives others out; and since a URL is found by its whole text, the time of a look-up tells nothing of a signature that is partly right.
 */
export class VerifiedUrls {
  readonly #tenants: TenantsById;
  /** By query; the oldest first. */
  readonly #known = new Map<string, { readonly tenant: Tenant; readonly signed: SignedLegacyUrl }>();

  constructor(tenants: TenantsById) {
    this.#tenants = tenants;
  }

  /** @param query as it came, without its `?` @param now unix seconds */
  verify(query: string, now: number): UrlVerdict {
    const signedPart = withoutChecksum(query);
    const known = this.#known.get(signedPart);
    if (known !== undefined) return { tenant: known.tenant, signed: judgeLegacyTime(known.signed, now) };
    const named = namedAccessUrl(signedPart);
    const tenant = named === null ? undefined : this.#tenants.get(named);
    const signed = verifyLegacyUrl({
      query: signedPart,
      salts: tenant?.salts ?? [],
      algorithms: tenant === undefined ? [] : [tenant.hashAlgo],
      now,
    });
    if (!('accessUrlId' in signed)) return { tenant, signed };
    if (tenant === undefined || signed.accessUrlId !== tenant.accessUrlId) return { tenant, signed: { outcome: 'bad' } };
    this.#remember(signedPart, { tenant, signed });
    return { tenant, signed };
  }

  #remember(query: string, url: { readonly tenant: Tenant; readonly signed: SignedLegacyUrl }): void {
    if (query.length > LONGEST_REMEMBERED) return;
    const [oldest] = this.#known.size < REMEMBERED ? [] : this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(query, url);
  }
}

function withoutChecksum(query: string): string {
  const at = query.lastIndexOf(CHECKSUM);
  return at === -1 || query.includes('&', at + CHECKSUM.length) ? query : query.slice(0, at);
}
