import { createHmac } from 'node:crypto';
import { equalsHex } from './constant-time.js';
import { requireSecret, usableSecrets } from './secrets.js';
import { parseUnixSeconds } from './unix-seconds.js';

/** Where a legacy URL is answered (docs/wire.md, "The legacy endpoint"). */
export const LEGACY_PATH = '/plugin/Bbb/webhook.php';

export const LEGACY_ALGORITHMS = ['sha256', 'sha1'] as const;
export type LegacyAlgorithm = (typeof LEGACY_ALGORITHMS)[number];

/** How far the URL's `ts` may lie from now, before or after, inclusive (docs/wire.md, "The legacy endpoint"). */
export const LEGACY_WINDOW_SECONDS = 15 * 60;

/** What a legacy URL's signature covers. */
export interface LegacySubject {
  readonly accessUrlId: number;
  /** Empty for a global hook. */
  readonly meetingId: string;
  /** Unix seconds; null makes the variant without time. */
  readonly timestamp: number | null;
}

/**
 * What a legacy URL proves. `expired` has a right signature: where the delivery itself is authenticated, its freshness is judged on the
 * delivery's own timestamp instead. `untimed` is right too, but of the variant without time. `missing` lacks `au` or `sig`.
 */
export type LegacyVerdict =
  | {
      readonly outcome: 'valid' | 'expired';
      readonly accessUrlId: number;
      readonly meetingId: string;
      readonly timestamp: number;
    }
  | { readonly outcome: 'untimed'; readonly accessUrlId: number; readonly meetingId: string; readonly timestamp: null }
  | { readonly outcome: 'missing' | 'bad' };

/** A verdict on a URL whose signature is right, whatever its time. */
export type SignedLegacyUrl = Extract<LegacyVerdict, { readonly accessUrlId: number }>;

export interface LegacyCheck {
  /** The request's query string as it came, with or without its `?`. */
  readonly query: string;
  /** Every salt that is valid now; more than one while a key is rotated. */
  readonly salts: readonly string[];
  readonly algorithms?: readonly LegacyAlgorithm[];
  /** Unix seconds. */
  readonly now: number;
}

/** The `sig` of a legacy URL in lower-case hex (docs/wire.md, "The legacy endpoint"). Throws EmptySecretError. */
export function signLegacyUrl(subject: LegacySubject, salt: string, algorithm: LegacyAlgorithm = 'sha256'): string {
  const time = subject.timestamp === null ? null : String(subject.timestamp);
  return mac(signedText(String(subject.accessUrlId), subject.meetingId, time), requireSecret(salt), algorithm).toString('hex');
}

/** The whole signed query, `au=…&mid=…&ts=…&sig=…`, in the order Chamilo writes it. Throws EmptySecretError. */
export function signedLegacyQuery(subject: LegacySubject, salt: string, algorithm: LegacyAlgorithm = 'sha256'): string {
  const time = subject.timestamp === null ? '' : `&ts=${subject.timestamp}`;
  const signature = signLegacyUrl(subject, salt, algorithm);
  return `au=${subject.accessUrlId}&mid=${encodeURIComponent(subject.meetingId)}${time}&sig=${signature}`;
}

/**
 * The access URL that a request's query names, whose keys are to check it; null where it names none, or several. Nothing is proven by it.
 */
export function namedAccessUrl(query: string): number | null {
  const [accessUrl, ...more] = new URLSearchParams(query).getAll('au');
  return accessUrl === undefined || more.length > 0 ? null : parseAccessUrlId(accessUrl);
}

/** Checks `au`, `mid`, `ts` and `sig` of a request (docs/wire.md, "The legacy endpoint"). */
export function verifyLegacyUrl(check: LegacyCheck): LegacyVerdict {
  const parameters = new URLSearchParams(check.query);
  // Of a doubled parameter, this program and the next one behind it may each believe the other value.
  if (['au', 'mid', 'ts', 'sig'].some((name) => parameters.getAll(name).length > 1)) return { outcome: 'bad' };
  const accessUrl = parameters.get('au') ?? '';
  const meetingId = parameters.get('mid') ?? '';
  const time = parameters.get('ts');
  const signature = parameters.get('sig') ?? '';
  if (accessUrl === '' || signature === '') return { outcome: 'missing' };

  const accessUrlId = parseAccessUrlId(accessUrl);
  if (accessUrlId === null) return { outcome: 'bad' };
  if (time === null) {
    // "1|m|99" is the timed text of meeting "m" as well as the untimed text of meeting "m|99": only the former is meant.
    if (/\|[0-9]+$/.test(meetingId)) return { outcome: 'bad' };
    const proven = isSigned(signedText(accessUrl, meetingId, null), signature, check);
    return proven ? { outcome: 'untimed', accessUrlId, meetingId, timestamp: null } : { outcome: 'bad' };
  }
  const timestamp = parseUnixSeconds(time);
  if (timestamp === null || !isSigned(signedText(accessUrl, meetingId, time), signature, check)) return { outcome: 'bad' };
  return judgeLegacyTime({ outcome: 'expired', accessUrlId, meetingId, timestamp }, check.now);
}

/** What a URL whose signature is right proves at another time. `now` is in unix seconds. */
export function judgeLegacyTime(signed: SignedLegacyUrl, now: number): SignedLegacyUrl {
  if (signed.outcome === 'untimed') return signed;
  const fresh = Math.abs(now - signed.timestamp) <= LEGACY_WINDOW_SECONDS;
  return { ...signed, outcome: fresh ? 'valid' : 'expired' };
}

function signedText(accessUrl: string, meetingId: string, time: string | null): string {
  return time === null ? `${accessUrl}|${meetingId}` : `${accessUrl}|${meetingId}|${time}`;
}

function isSigned(text: string, signature: string, check: LegacyCheck): boolean {
  const algorithms = check.algorithms ?? LEGACY_ALGORITHMS;
  return usableSecrets(check.salts).some((salt) =>
    algorithms.some((algorithm) => equalsHex(signature, mac(text, salt, algorithm))),
  );
}

function mac(text: string, salt: string, algorithm: LegacyAlgorithm): Buffer {
  return createHmac(algorithm, salt).update(text).digest();
}

/** An access URL's id is a positive 32-bit integer in its database. */
function parseAccessUrlId(text: string): number | null {
  if (!/^[1-9][0-9]{0,9}$/.test(text)) return null;
  const id = Number(text);
  return id <= 2_147_483_647 ? id : null;
}
