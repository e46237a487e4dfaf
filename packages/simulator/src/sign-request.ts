import { signedCallbackUrl } from '@bbb-activity/signatures/bbb-checksum';
import type { ChecksumAlgorithm } from '@bbb-activity/signatures/checksum-algorithm';
import { type LegacyAlgorithm, signedLegacyQuery } from '@bbb-activity/signatures/legacy-url';
import type { SignedRequest } from './send-delivery.js';

/** Where a hook points to, and what its two signatures are made with. */
export interface HookKeys {
  /** Address of the ingress, with its path where a proxy adds one: `http://127.0.0.1:3000`. */
  readonly target: string;
  /** BBB's shared secret: the checksum of each delivery is made with it. */
  readonly sharedSecret: string;
  /** The salt that the callback URL is signed with; the shared secret where there is no other, as in Chamilo. */
  readonly salt?: string;
  /** Default 1. */
  readonly accessUrlId?: number;
  /** Of the callback URL's signature; default sha256. */
  readonly urlAlgorithm?: LegacyAlgorithm;
  /** Default sha1, as on a BBB server. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
}

/**
 * The callback URL of a global hook, as a learning platform registers it (docs/wire.md, "The legacy endpoint"). `registeredAt` is in
 * unix seconds. Throws EmptySecretError, and a TypeError where `target` is no URL.
 */
export function signCallbackUrl(keys: HookKeys, registeredAt: number): string {
  const subject = { accessUrlId: keys.accessUrlId ?? 1, meetingId: '', timestamp: registeredAt };
  const base = new URL(keys.target).href.replace(/\/+$/, '');
  const query = signedLegacyQuery(subject, keys.salt ?? keys.sharedSecret, keys.urlAlgorithm);
  return `${base}/plugin/Bbb/webhook.php?${query}`;
}

/**
 * A delivery to that URL as bbb-webhooks 3.4 and later signs it: the checksum over URL, body and secret is appended (docs/wire.md, "What
 * BigBlueButton itself signs"). Throws EmptySecretError.
 */
export function signDelivery(callbackUrl: string, body: string, keys: HookKeys): SignedRequest {
  return { url: signedCallbackUrl(callbackUrl, body, keys.sharedSecret, { algorithm: keys.checksumAlgorithm ?? 'sha1' }), body };
}
