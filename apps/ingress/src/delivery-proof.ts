import type { IncomingHttpHeaders } from 'node:http';
import { StreamedChecksum, splitChecksum, verifyBbbChecksum } from '@bbb-activity/signatures/bbb-checksum';
import { verifyBearer } from '@bbb-activity/signatures/bearer';
import type { BoundedBody } from './bounded-body.js';

/** How long a delivery that proves itself is fresh, in ms before or after its first try: the same window as the URL's (docs/wire.md, "The legacy endpoint"). */
const DELIVERY_WINDOW_MS = 15 * 60 * 1_000;

export interface ProofInput {
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The BBB server's shared secrets. */
  readonly secrets: readonly string[];
  /** What this endpoint is called from outside, without the path; null where it is not told. */
  readonly publicUrl: string | null;
}

/**
 * Whether a delivery proves itself, by the bearer or by a checksum over its body (docs/wire.md, "What BigBlueButton itself signs"). A
 * checksum over the constant `{}` proves nothing of this delivery. The body is watched as it passes, since one over the limit is not kept.
 */
export class DeliveryProof {
  readonly #input: ProofInput;
  readonly #callbackUrls: readonly string[];
  readonly #checksum: string | null;
  readonly #streamed: StreamedChecksum;

  constructor(input: ProofInput) {
    const { callbackUrl, checksum } = splitChecksum(input.url);
    this.#input = input;
    this.#checksum = checksum;
    this.#callbackUrls = spellings(callbackUrl, input);
    this.#streamed = new StreamedChecksum(checksum, this.#callbackUrls);
  }

  watch(piece: Buffer): void {
    this.#streamed.update(piece);
  }

  /** Of the whole body, once it has passed. */
  holds(body: BoundedBody): boolean {
    const { headers, secrets } = this.#input;
    if (verifyBearer(headers.authorization ?? null, secrets)) return true;
    if (this.#streamed.matches(secrets)) return true;
    if (body.cut) return false;
    const check = { checksum: this.#checksum, callbackUrls: this.#callbackUrls, secrets, rawBody: body.bytes };
    const verdict = verifyBbbChecksum(check);
    return verdict.outcome === 'valid' && verdict.covers !== 'constant';
  }
}

/** Whether a delivery's own timestamp (unix ms) is within the window around `now` (unix ms). */
export function isFreshDelivery(timestamp: number | null, now: number): boolean {
  return timestamp !== null && Math.abs(now - timestamp) <= DELIVERY_WINDOW_MS;
}

/**
 * The delivery's timestamp (unix ms) of a body that cannot be read: it stands in a form field of its own, so that it can be judged
 * whatever the events beside it are like. Null where there is none.
 */
export function timestampOfUnreadable({ bytes, tail, cut }: BoundedBody): number | null {
  const found = /(?:^|&)timestamp=(\d{11,15})(?:&|$)/.exec((cut ? tail : bytes).toString('latin1'));
  return found?.[1] === undefined ? null : Number(found[1]);
}

/** Under which spellings the callback may have been registered: a proxy in front may hide the scheme and the host. */
function spellings(path: string, { headers, publicUrl }: ProofInput): readonly string[] {
  const bases = [publicUrl, ...(headers.host === undefined ? [] : [`http://${headers.host}`, `https://${headers.host}`])];
  return bases.filter((base) => base !== null).map((base) => `${base}${path}`);
}
