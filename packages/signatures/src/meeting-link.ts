import { createHmac } from 'node:crypto';
import { equalsHex } from './constant-time.js';
import { requireSecret, usableSecrets } from './secrets.js';
import { parseUnixSeconds } from './unix-seconds.js';

/** How far a link's end may lie ahead: a link that leaks is of no use soon (docs/dashboard.md, "Links from the learning platform"). */
export const LINK_LIFE_SECONDS = 10 * 60;

/** What a link opens. */
export interface LinkSubject {
  readonly accessUrlId: number;
  /** External meeting id, or internal one of a single run. */
  readonly meetingId: string;
  /** Unix seconds until when it opens. */
  readonly expires: number;
}

export type LinkVerdict = ({ readonly outcome: 'valid' } & LinkSubject) | { readonly outcome: 'missing' | 'bad' | 'expired' };

export interface LinkCheck {
  /** The request's query string. */
  readonly query: string;
  /** The salts of an access URL that are valid now. */
  readonly saltsOf: (accessUrlId: number) => readonly string[];
  /** Unix seconds. */
  readonly now: number;
}

const KEY_LABEL = 'bbb-activity meeting link';

/** The `sig` of a link in lower-case hex (docs/dashboard.md, "Links from the learning platform"). Throws EmptySecretError. */
export function signMeetingLink({ accessUrlId, meetingId, expires }: LinkSubject, salt: string): string {
  return mac(`${accessUrlId}|${meetingId}|${expires}`, requireSecret(salt)).toString('hex');
}

/** The whole signed query, `au=…&mid=…&exp=…&sig=…`. Throws EmptySecretError. */
export function signedLinkQuery(subject: LinkSubject, salt: string): string {
  const { accessUrlId, meetingId, expires } = subject;
  return `au=${accessUrlId}&mid=${encodeURIComponent(meetingId)}&exp=${expires}&sig=${signMeetingLink(subject, salt)}`;
}

/**
 * Checks `au`, `mid`, `exp` and `sig`. A link whose end lies further ahead than {@link LINK_LIFE_SECONDS} is `bad`: nobody is to make links
 * for ever.
 */
export function verifyMeetingLink({ query, saltsOf, now }: LinkCheck): LinkVerdict {
  const parameters = new URLSearchParams(query);
  const names = ['au', 'mid', 'exp', 'sig'] as const;
  if (names.some((name) => parameters.getAll(name).length > 1)) return { outcome: 'bad' };
  const [accessUrl, meetingId, end, signature] = names.map((name) => parameters.get(name) ?? '');
  if (!accessUrl || !meetingId || !end || !signature) return { outcome: 'missing' };
  const expires = parseUnixSeconds(end);
  if (!/^[1-9][0-9]{0,9}$/.test(accessUrl) || expires === null) return { outcome: 'bad' };
  const accessUrlId = Number(accessUrl);
  // Neither a number nor a time holds a bar, so that the text can be read in one way only.
  const signed = usableSecrets(saltsOf(accessUrlId)).some((salt) =>
    equalsHex(signature, mac(`${accessUrl}|${meetingId}|${end}`, salt)),
  );
  if (!signed || expires - now > LINK_LIFE_SECONDS) return { outcome: 'bad' };
  if (expires < now) return { outcome: 'expired' };
  return { outcome: 'valid', accessUrlId, meetingId, expires };
}

/** The key is not the salt itself, so that no signature of another kind can pass for a link. */
function mac(text: string, salt: string): Buffer {
  const key = createHmac('sha256', salt).update(KEY_LABEL).digest();
  return createHmac('sha256', key).update(text).digest();
}
