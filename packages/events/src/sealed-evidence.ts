import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

/** Longer evidence is cut: enough to see what a sender does wrong, bounded for the queue that keeps it. */
export const MAX_EVIDENCE_BYTES = 64 * 1024;

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 2;

/** Thrown where sealed evidence cannot be opened: another key, another version, or not whole. */
export class SealedEvidenceError extends Error {
  readonly code = 'sealed_evidence_unreadable';

  constructor(reason: string) {
    super(`sealed evidence cannot be opened: ${reason}`);
    this.name = 'SealedEvidenceError';
  }
}

export interface Evidence {
  readonly bytes: Buffer;
  /** The bytes as UTF-8; what is none shows as U+FFFD. */
  readonly text: string;
  /** Whether the evidence was longer than {@link MAX_EVIDENCE_BYTES} and only its beginning is here. */
  readonly cut: boolean;
}

/**
 * Encrypts what could not be understood (AES-256-GCM), base64, so that it can be kept for the operator without standing readable in a queue. The
 * nonce is a hash of the content, so the same content seals to the same text: a retried delivery leaves the same evidence.
 */
export function seal(plain: Buffer | string, key: Buffer): string {
  const whole = typeof plain === 'string' ? Buffer.from(plain) : plain;
  const cut = whole.length > MAX_EVIDENCE_BYTES;
  const bytes = cut ? whole.subarray(0, MAX_EVIDENCE_BYTES) : whole;
  const header = Buffer.from([VERSION, cut ? 1 : 0]);
  const nonce = createHmac('sha256', keysFrom(key).nonce).update(header).update(bytes).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keysFrom(key).cipher, nonce).setAAD(header);
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), encrypted]).toString('base64');
}

/** Opens what {@link seal} made. Throws SealedEvidenceError. */
export function open(sealed: string, key: Buffer): Evidence {
  const raw = Buffer.from(sealed, 'base64');
  const header = raw.subarray(0, HEADER_BYTES);
  const nonce = raw.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const tag = raw.subarray(HEADER_BYTES + NONCE_BYTES, HEADER_BYTES + NONCE_BYTES + TAG_BYTES);
  if (tag.length !== TAG_BYTES) throw new SealedEvidenceError('it is too short');
  if (header[0] !== VERSION) throw new SealedEvidenceError('its version is unknown');
  const decipher = createDecipheriv('aes-256-gcm', keysFrom(key).cipher, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(header).setAuthTag(tag);
  const start = decipher.update(raw.subarray(HEADER_BYTES + NONCE_BYTES + TAG_BYTES));
  try {
    const bytes = Buffer.concat([start, decipher.final()]);
    return { bytes, text: bytes.toString('utf8'), cut: header[1] === 1 };
  } catch {
    throw new SealedEvidenceError('the key is another one, or the evidence was changed');
  }
}

interface DerivedKeys {
  readonly cipher: Buffer;
  readonly nonce: Buffer;
}

/** Deriving costs more than sealing, and one delivery may hold a thousand malformed events. */
const derivedKeys = new WeakMap<Buffer, DerivedKeys>();

function keysFrom(key: Buffer): DerivedKeys {
  const known = derivedKeys.get(key);
  if (known !== undefined) return known;
  const keys = { cipher: derive(key, 'cipher'), nonce: derive(key, 'nonce') };
  derivedKeys.set(key, keys);
  return keys;
}

function derive(key: Buffer, purpose: keyof DerivedKeys): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `bbb-activity sealed evidence v${VERSION} ${purpose}`, 32));
}
