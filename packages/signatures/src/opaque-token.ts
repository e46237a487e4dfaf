import { createHash, randomBytes } from 'node:crypto';

/** A secret that nobody can guess: 256 random bits in base64url. */
export function newOpaqueToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of it. It has as many random bits as the hash, so that a plain SHA-256 tells nothing. */
export function opaqueTokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
