import {
  LEGACY_ALGORITHMS,
  LEGACY_PATH,
  type LegacyAlgorithm,
  signedLegacyQuery,
  verifyLegacyUrl,
} from '@bbb-activity/signatures/legacy-url';

export interface CallbackUrlsOptions {
  readonly accessUrlId: number;
  /** How ingress is called from outside, without a path or a slash at its end; null where nothing can be registered. */
  readonly publicUrl: string | null;
  /** What PUBLIC_URL was before, as far as hooks were registered with it. */
  readonly formerUrls: readonly string[];
  /** Of the URL's signature; the first one signs. */
  readonly salts: readonly string[];
  readonly algorithm: LegacyAlgorithm;
}

/** What a callback URL of ours tells. */
export interface OwnCallback {
  /** External id; null for a global hook. */
  readonly meetingId: string | null;
  /** Unix ms; null of one without time. */
  readonly signedAt: number | null;
  /** Whether it would be made so now: at the present address, with the present key and algorithm. */
  readonly present: boolean;
}

/**
 * Makes the callback URLs of an access URL's hooks, and knows them again: ours is what stands at an address of ours **and** has our
 * signature. Either alone is not enough: the learning platform signs its own hooks with the same salt, and anybody may name an address.
 */
export class CallbackUrls {
  readonly #options: CallbackUrlsOptions;

  constructor(options: CallbackUrlsOptions) {
    this.#options = options;
  }

  /** @param signedSeconds unix seconds @throws {EmptySecretError} */
  make(meetingId: string | null, signedSeconds: number): string {
    const { accessUrlId, publicUrl, salts, algorithm } = this.#options;
    const subject = { accessUrlId, meetingId: meetingId ?? '', timestamp: signedSeconds };
    return `${publicUrl ?? ''}${LEGACY_PATH}?${signedLegacyQuery(subject, salts[0] ?? '', algorithm)}`;
  }

  /** Null where the URL is not ours. */
  read(callbackUrl: string): OwnCallback | null {
    const { accessUrlId, publicUrl, formerUrls, salts, algorithm } = this.#options;
    const mark = callbackUrl.indexOf('?');
    const address = callbackUrl.slice(0, Math.max(mark, 0));
    const query = callbackUrl.slice(mark + 1);
    const atPresent = publicUrl !== null && address === `${publicUrl}${LEGACY_PATH}`;
    if (!atPresent && !formerUrls.some((url) => address === `${url}${LEGACY_PATH}`)) return null;
    // Right or wrong is all that counts here; whether it has expired is the plan's to judge.
    const verdict = verifyLegacyUrl({ query, salts, algorithms: LEGACY_ALGORITHMS, now: 0 });
    if (!('accessUrlId' in verdict) || verdict.accessUrlId !== accessUrlId) return null;
    const madeNow = verifyLegacyUrl({ query, salts: salts.slice(0, 1), algorithms: [algorithm], now: 0 });
    return {
      meetingId: verdict.meetingId === '' ? null : verdict.meetingId,
      signedAt: verdict.timestamp === null ? null : verdict.timestamp * 1_000,
      present: atPresent && 'accessUrlId' in madeNow,
    };
  }
}
