import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's recommendation for scrypt with 32 MiB: N = 2^15, r = 8, p = 3; a try takes about a fifth of a second. */
const COST = { logN: 15, r: 8, p: 3 };
const KEY_BYTES = 32;
/** Of what a stored hash may ask for: nobody can make a login eat the memory by writing a hash. */
const MAX_MEMORY = 256 * 2 ** 20;
const STORED = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;

/** The fewest characters of a password that somebody chooses. */
export const LEAST_PASSWORD_CHARACTERS = 12;
/** The most: what a login takes in (docs/dashboard.md, "Users"). */
export const MOST_PASSWORD_CHARACTERS = 1_000;

/** A password of 120 random bits, in base64url. */
export function randomPassword(): string {
  return randomBytes(15).toString('base64url');
}

interface Cost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** A password as it is kept: `scrypt$log2(N)$r$p$salt$key`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST);
  return ['scrypt', COST.logN, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * Whether it is the password of a kept hash. Takes as long where there is no hash (null), so that nobody learns which accounts there are.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, logN, r, p, salt = '', key = ''] = STORED.exec(stored ?? '') ?? [];
  if (stored === null || logN === undefined) {
    await derive(password, Buffer.alloc(16), COST);
    return false;
  }
  const expected = Buffer.from(key, 'base64url');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), { logN: Number(logN), r: Number(r), p: Number(p) });
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}

/** Spelled in one way: a keyboard may write é as one sign or as two. */
function derive(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: 2 ** logN, r, p, maxmem: MAX_MEMORY };
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
