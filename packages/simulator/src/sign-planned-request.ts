import { signedCallbackUrl } from '@bbb-activity/signatures/bbb-checksum';
import { signedLegacyQuery } from '@bbb-activity/signatures/legacy-url';
import { signModern } from '@bbb-activity/signatures/modern-header';
import type { PlannedRequest } from './planned-request.js';

export interface PlannedRequestKeys {
  /** Address of the ingress. */
  readonly target: string;
  readonly sharedSecret: string;
  readonly salt: string;
  readonly kernelSecret: string;
  /** When each of the two hooks was registered, unix seconds. */
  readonly registeredAt: readonly [number, number];
}

export interface SignedPlannedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Signs a request at `now` (unix seconds) as its sender does: the two hooks differ in their URL and in their checksum. Throws EmptySecretError. */
export function signPlannedRequest(request: PlannedRequest, keys: PlannedRequestKeys, now: number): SignedPlannedRequest {
  const { body, hook, mid } = request;
  const headers = { 'content-type': request.contentType };
  const base = keys.target.replace(/\/+$/, '');
  if (request.endpoint === 'modern') {
    const seconds = request.signedSeconds ?? now;
    const signature = signModern(seconds, body, keys.kernelSecret);
    const signed = { 'x-chamilo-timestamp': String(seconds), 'x-chamilo-signature': hook === 0 ? signature : `v1=${signature}` };
    return { url: `${base}/api/videoconference/callback`, headers: { ...headers, ...signed }, body };
  }
  const query = signedLegacyQuery({ accessUrlId: 1, meetingId: mid, timestamp: keys.registeredAt[hook] }, keys.salt);
  const algorithm = hook === 0 ? 'sha1' : 'sha256';
  return {
    url: signedCallbackUrl(`${base}/plugin/Bbb/webhook.php?${query}`, body, keys.sharedSecret, { algorithm }),
    headers,
    body,
  };
}
