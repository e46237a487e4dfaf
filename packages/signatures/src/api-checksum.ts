import { type ChecksumAlgorithm, checksumOf } from './checksum-algorithm.js';
import { requireSecret } from './secrets.js';

/**
 * The checksum of a call to a BBB server's API: H(call + query + secret) in lower-case hex. `call` is as `hooks/create`, `query` the exact
 * encoded query string without checksum (docs/wire.md, "The hooks API"). Throws EmptySecretError.
 */
export function apiChecksum(call: string, query: string, secret: string, algorithm: ChecksumAlgorithm = 'sha1'): string {
  return checksumOf(algorithm, call, query, requireSecret(secret)).toString('hex');
}

/** The query with its checksum appended, ready to stand behind `?`. Throws EmptySecretError. */
export function signedApiQuery(call: string, query: string, secret: string, algorithm: ChecksumAlgorithm = 'sha1'): string {
  const checksum = apiChecksum(call, query, secret, algorithm);
  return query === '' ? `checksum=${checksum}` : `${query}&checksum=${checksum}`;
}
