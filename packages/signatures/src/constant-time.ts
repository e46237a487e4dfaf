import { createHash, timingSafeEqual } from 'node:crypto';

const HEX = /^[0-9a-f]+$/i;

/** Whether `given` is the hexadecimal spelling (any case) of `expected`. Takes the same time wherever they differ. */
export function equalsHex(given: string, expected: Buffer): boolean {
  // What length and alphabet a digest has is public, so that much may be told at once.
  if (given.length !== expected.length * 2 || !HEX.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), expected);
}

/** Whether two secrets are the same; neither their content nor their length shows in the time it takes. */
export function equalsSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
