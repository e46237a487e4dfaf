import { createHash, type Hash } from 'node:crypto';
import { type ChecksumAlgorithm, checksumAlgorithmOf, checksumOf } from './checksum-algorithm.js';
import { equalsHex } from './constant-time.js';
import { requireSecret, usableSecrets } from './secrets.js';

/**
 * What a delivery's checksum was made over besides the callback URL (docs/wire.md, "What BigBlueButton itself signs"): `body` the raw body
 * (3.4 and later), `parsed` its fields as JSON (2.x), `constant` the literal `{}` (3.0 to 3.3.1), which proves nothing of this delivery.
 */
export type ChecksumCover = 'body' | 'parsed' | 'constant';

export type ChecksumVerdict =
  | {
      readonly outcome: 'valid';
      readonly covers: ChecksumCover;
      /** The spelling of the callback URL that was registered. */
      readonly callbackUrl: string;
      readonly algorithm: ChecksumAlgorithm;
    }
  | { readonly outcome: 'missing' | 'bad' };

export interface ChecksumCheck {
  /** The checksum from the URL, as {@link splitChecksum} found it. */
  readonly checksum: string | null;
  /** Every spelling of the callback URL under which this hook may have been registered. */
  readonly callbackUrls: readonly string[];
  readonly secrets: readonly string[];
  /** The body's bytes as they came. */
  readonly rawBody: Buffer;
}

export interface SplitUrl {
  /** The URL as registered, byte for byte. */
  readonly callbackUrl: string;
  readonly checksum: string | null;
}

/** Takes a BBB server's checksum, the last parameter of the URL, off a request's URL. Nothing is decoded or encoded anew. */
export function splitChecksum(url: string): SplitUrl {
  const found = /^(.*)[?&]checksum=([^&]*)$/s.exec(url);
  return { callbackUrl: found?.[1] ?? url, checksum: found?.[2] ?? null };
}

/** The callback URL as a BBB server posts to it, its checksum appended. Throws EmptySecretError. */
export function signedCallbackUrl(
  callbackUrl: string,
  rawBody: Buffer | string,
  secret: string,
  { algorithm = 'sha1', covers = 'body' }: { readonly algorithm?: ChecksumAlgorithm; readonly covers?: ChecksumCover } = {},
): string {
  const body = typeof rawBody === 'string' ? Buffer.from(rawBody) : rawBody;
  const covered = coveredText(covers, body);
  if (covered === null) throw new UnsignableBodyError();
  const checksum = checksumOf(algorithm, callbackUrl, covered, requireSecret(secret)).toString('hex');
  return `${callbackUrl}${callbackUrl.includes('?') ? '&' : '?'}checksum=${checksum}`;
}

/** Thrown where a body without the fields of a BBB delivery should be signed over these fields. */
export class UnsignableBodyError extends Error {
  readonly code = 'unsignable_body';

  constructor() {
    super('the body has no single event and timestamp to be signed');
    this.name = 'UnsignableBodyError';
  }
}

/** Checks a delivery's checksum, the strongest cover first (docs/wire.md, "What BigBlueButton itself signs"). */
export function verifyBbbChecksum(check: ChecksumCheck): ChecksumVerdict {
  const { checksum } = check;
  if (checksum === null || checksum === '') return { outcome: 'missing' };
  const algorithm = checksumAlgorithmOf(checksum);
  if (algorithm === null) return { outcome: 'bad' };
  const secrets = usableSecrets(check.secrets);
  for (const covers of ['body', 'parsed', 'constant'] as const) {
    const covered = coveredText(covers, check.rawBody);
    if (covered === null) continue;
    for (const callbackUrl of check.callbackUrls) {
      for (const secret of secrets) {
        if (equalsHex(checksum, checksumOf(algorithm, callbackUrl, covered, secret))) {
          return { outcome: 'valid', covers, callbackUrl, algorithm };
        }
      }
    }
  }
  return { outcome: 'bad' };
}

/** Checks a checksum over a body that passes in pieces, because it is too large to be kept. Only the cover `body` can be checked so. */
export class StreamedChecksum {
  readonly #checksum: string;
  readonly #hashes: readonly Hash[];

  /** `checksum` and `callbackUrls` as of {@link ChecksumCheck}. */
  constructor(checksum: string | null, callbackUrls: readonly string[]) {
    const algorithm = checksumAlgorithmOf(checksum ?? '');
    this.#checksum = checksum ?? '';
    this.#hashes = algorithm === null ? [] : callbackUrls.map((url) => createHash(algorithm).update(url));
  }

  update(piece: Buffer): void {
    for (const hash of this.#hashes) hash.update(piece);
  }

  /** Whether the checksum is one over all pieces so far. */
  matches(secrets: readonly string[]): boolean {
    return usableSecrets(secrets).some((secret) =>
      this.#hashes.some((hash) => equalsHex(this.#checksum, hash.copy().update(secret).digest())),
    );
  }
}

function coveredText(covers: ChecksumCover, rawBody: Buffer): Buffer | string | null {
  if (covers === 'body') return rawBody;
  return covers === 'constant' ? '{}' : parsedText(rawBody);
}

/**
 * What 2.x hashes: its fields before they were form-encoded. There `event` is one string that holds the JSON of the array, so it goes into
 * this JSON as a string; `timestamp` is a number; the oldest senders have no `domain`.
 */
function parsedText(rawBody: Buffer): string | null {
  const form = new URLSearchParams(rawBody.toString('utf8'));
  const [event, ...moreEvents] = form.getAll('event');
  const [timestamp, ...moreTimestamps] = form.getAll('timestamp');
  const [domain, ...moreDomains] = form.getAll('domain');
  if (event === undefined || timestamp === undefined || !/^[0-9]{1,15}$/.test(timestamp)) return null;
  if (moreEvents.length + moreTimestamps.length + moreDomains.length > 0) return null;
  return JSON.stringify({ event, timestamp: Number(timestamp), ...(domain === undefined ? {} : { domain }) });
}
