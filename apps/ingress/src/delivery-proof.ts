import type { IncomingHttpHeaders } from 'node:http';
import { splitChecksum, verifyBbbChecksum } from '@bbb-activity/signatures/bbb-checksum';
import { verifyBearer } from '@bbb-activity/signatures/bearer';
import type { Tenant } from './tenant.js';

/** How long a delivery that proves itself is fresh, in ms before or after its first try: the same window as the URL's (docs/wire.md, "The legacy endpoint"). */
const DELIVERY_WINDOW_MS = 15 * 60 * 1_000;

export interface ProofInput {
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly tenant: Tenant;
  /** What this endpoint is called from outside, without the path; null where it is not told. */
  readonly publicUrl: string | null;
}

/**
 * Whether a delivery proves itself: by a checksum over its body, or by the bearer (docs/wire.md, "What BigBlueButton itself signs"). A
 * checksum over the constant `{}` proves nothing of this delivery.
 */
export function provesItself(input: ProofInput): boolean {
  const { body, headers, tenant } = input;
  if (verifyBearer(headers.authorization ?? null, tenant.bbbSecrets)) return true;
  const { callbackUrl, checksum } = splitChecksum(input.url);
  const verdict = verifyBbbChecksum({
    checksum,
    callbackUrls: spellings(callbackUrl, input),
    secrets: tenant.bbbSecrets,
    rawBody: body,
  });
  return verdict.outcome === 'valid' && verdict.covers !== 'constant';
}

/** Whether a delivery's own timestamp (unix ms) is within the window around `now` (unix ms). */
export function isFreshDelivery(timestamp: number | null, now: number): boolean {
  return timestamp !== null && Math.abs(now - timestamp) <= DELIVERY_WINDOW_MS;
}

/** Under which spellings the callback may have been registered: a proxy in front may hide the scheme and the host. */
function spellings(path: string, { headers, publicUrl }: ProofInput): readonly string[] {
  const bases = [publicUrl, ...(headers.host === undefined ? [] : [`http://${headers.host}`, `https://${headers.host}`])];
  return bases.filter((base) => base !== null).map((base) => `${base}${path}`);
}
