import {
  LEGACY_ALGORITHMS,
  LEGACY_PATH,
  type LegacyAlgorithm,
  signedLegacyQuery,
  verifyLegacyUrl,
} from '@bbb-activity/signatures/legacy-url';
import type { ListedHook } from './listed-hooks.js';

/** A hook as it was written down when it was registered. */
export interface WrittenHook {
  readonly hookId: string;
  /** External meeting id; null for a global hook. */
  readonly target: string | null;
  /** The time that its URL is signed with, in unix ms. */
  readonly signedAt: number;
}

export interface CallbackUrlsOptions {
  readonly accessUrlId: number;
  /** How ingress is called from outside, without a path or a slash at its end; null where nothing can be registered. */
  readonly publicUrl: string | null;
  /** What PUBLIC_URL was before, as far as hooks were registered with it. */
  readonly formerUrls: readonly string[];
  /** Of the URL's signature; the first one signs. */
  readonly salts: readonly string[];
  readonly algorithm: LegacyAlgorithm;
  /** The hooks that were written down when they were registered; none where left out. */
  readonly known?: readonly WrittenHook[];
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
 * signature. Either alone is not enough: the learning platform signs its own hooks with the same salt, and anybody may name an address. A signature by a
 * salt that is no more can be checked by nobody: then ours is what was written down when it was registered, by its id, its access URL and its second.
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

  /** Null where the hook is not ours. */
  read({ hookId, callbackUrl }: Pick<ListedHook, 'hookId' | 'callbackUrl'>): OwnCallback | null {
    const { accessUrlId, publicUrl, formerUrls, salts, algorithm, known = [] } = this.#options;
    const mark = callbackUrl.indexOf('?');
    const address = callbackUrl.slice(0, Math.max(mark, 0));
    const query = callbackUrl.slice(mark + 1);
    const atPresent = publicUrl !== null && address === `${publicUrl}${LEGACY_PATH}`;
    if (!atPresent && !formerUrls.some((url) => address === `${url}${LEGACY_PATH}`)) return null;
    // Right or wrong is all that counts here; whether it has expired is the plan's to judge.
    const verdict = verifyLegacyUrl({ query, salts, algorithms: LEGACY_ALGORITHMS, now: 0 });
    if (!('accessUrlId' in verdict)) {
      const written = known.find((hook) => hook.hookId === hookId);
      return written !== undefined && isWritten(query, accessUrlId, written) ? asWritten(written) : null;
    }
    if (verdict.accessUrlId !== accessUrlId) return null;
    const madeNow = verifyLegacyUrl({ query, salts: salts.slice(0, 1), algorithms: [algorithm], now: 0 });
    return {
      meetingId: verdict.meetingId === '' ? null : verdict.meetingId,
      signedAt: verdict.timestamp === null ? null : verdict.timestamp * 1_000,
      present: atPresent && 'accessUrlId' in madeNow,
    };
  }
}

function asWritten({ target, signedAt }: WrittenHook): OwnCallback {
  return { meetingId: target, signedAt, present: false };
}

/** Whether a URL's query, whoever signed it, is that of a hook that was registered for the access URL. */
export function isWritten(query: string, accessUrlId: number, { signedAt }: Pick<WrittenHook, 'signedAt'>): boolean {
  const parameters = new URLSearchParams(query);
  return parameters.get('au') === String(accessUrlId) && parameters.get('ts') === String(Math.floor(signedAt / 1_000));
}
