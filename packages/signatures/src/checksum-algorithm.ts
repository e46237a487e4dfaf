import { createHash } from 'node:crypto';

/** The hashes that a BBB server may be set to; it tells which only by the checksum's length. */
export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

const BY_HEX_LENGTH: ReadonlyMap<number, ChecksumAlgorithm> = new Map([
  [40, 'sha1'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);

/** The algorithm that makes checksums of this many hex digits, or null (docs/wire.md, "What BigBlueButton itself signs"). */
export function checksumAlgorithmOf(checksum: string): ChecksumAlgorithm | null {
  return BY_HEX_LENGTH.get(checksum.length) ?? null;
}

/** The hash over the parts, one after the other. */
export function checksumOf(algorithm: ChecksumAlgorithm, ...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
