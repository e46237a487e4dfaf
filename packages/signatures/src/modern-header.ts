import { createHmac, type Hmac } from 'node:crypto';
import { equalsHex } from './constant-time.js';
import { requireSecret, usableSecrets } from './secrets.js';
import { parseUnixSeconds } from './unix-seconds.js';

/** How far X-Chamilo-Timestamp may lie from now, before or after, inclusive (docs/wire.md, "The modern endpoint"). */
export const MODERN_WINDOW_SECONDS = 5 * 60;

/** What the two headers prove. `expired` has a right signature outside the window; it is not valid. */
export type ModernVerdict =
  | { readonly outcome: 'valid' | 'expired' /** Unix seconds. */; readonly timestamp: number }
  | { readonly outcome: 'missing' | 'bad' };

export interface ModernCheck {
  /** X-Chamilo-Timestamp as it came; null where it did not. */
  readonly timestamp: string | null;
  /** X-Chamilo-Signature as it came: hex, or `v1=` and hex; null where it did not. */
  readonly signature: string | null;
  /** The body's bytes as they came. */
  readonly rawBody: Buffer;
  readonly secrets: readonly string[];
  /** Unix seconds. */
  readonly now: number;
}

/** X-Chamilo-Signature of a body in lower-case hex (docs/wire.md, "The modern endpoint"). Throws EmptySecretError. */
export function signModern(timestamp: number, rawBody: Buffer | string, secret: string): string {
  return mac(String(timestamp), rawBody, requireSecret(secret)).toString('hex');
}

/** Checks X-Chamilo-Timestamp and X-Chamilo-Signature over the raw body (docs/wire.md, "The modern endpoint"). */
export function verifyModern(check: ModernCheck): ModernVerdict {
  const streamed = new StreamedModernCheck(check);
  streamed.update(check.rawBody);
  return streamed.verdict();
}

/** Checks the headers over a body that passes in pieces, because it may be too large to be kept; each secret costs one hash. */
export class StreamedModernCheck {
  readonly #check: Omit<ModernCheck, 'rawBody'>;
  readonly #hashes: readonly Hmac[];

  constructor(check: Omit<ModernCheck, 'rawBody'>) {
    this.#check = check;
    // Without both headers no secret can match, and nobody's body is hashed in vain.
    const secrets = check.timestamp === null || check.signature === null ? [] : usableSecrets(check.secrets);
    this.#hashes = secrets.map((secret) => createHmac('sha256', secret).update(`${check.timestamp?.trim() ?? ''}\n`));
  }

  update(piece: Buffer): void {
    for (const hash of this.#hashes) hash.update(piece);
  }

  /** What the headers prove of all pieces; once, after the last. */
  verdict(): ModernVerdict {
    return judge(this.#check, (signature) => this.#hashes.some((hash) => equalsHex(signature, hash.digest())));
  }
}

function judge(check: Omit<ModernCheck, 'rawBody'>, signs: (signature: string) => boolean): ModernVerdict {
  const time = check.timestamp?.trim() ?? '';
  const signature = check.signature?.trim().replace(/^v1=/i, '') ?? '';
  if (time === '' || signature === '') return { outcome: 'missing' };
  const timestamp = parseUnixSeconds(time);
  if (timestamp === null || !signs(signature)) return { outcome: 'bad' };
  return { outcome: Math.abs(check.now - timestamp) <= MODERN_WINDOW_SECONDS ? 'valid' : 'expired', timestamp };
}

function mac(time: string, rawBody: Buffer | string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${time}\n`).update(rawBody).digest();
}
