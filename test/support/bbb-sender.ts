import { signedCallbackUrl } from '@bbb-activity/signatures/bbb-checksum';
import { signedLegacyQuery } from '@bbb-activity/signatures/legacy-url';
import { KEYS } from './ingress-server.js';

export const LEGACY_PATH = '/plugin/Bbb/webhook.php';
export const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

/** An event as a BBB server writes it. */
export function bbbEvent(name: string, options: { user?: string; at?: number; meeting?: string; user_?: object } = {}): object {
  const { user = '42', at = Date.now(), meeting = 'm1' } = options;
  return {
    data: {
      type: 'event',
      id: name,
      attributes: {
        meeting: { 'internal-meeting-id': `${meeting}-internal`, 'external-meeting-id': meeting },
        user: { 'internal-user-id': `w_${user}`, 'external-user-id': user, name: `User ${user}`, ...options.user_ },
      },
      event: { ts: at },
    },
  };
}

/** The body in which a BBB server posts events. */
export function bbbBody(events: unknown, timestamp: number = Date.now()): string {
  return new URLSearchParams({
    domain: 'bbb.example.com',
    event: JSON.stringify(events),
    timestamp: String(timestamp),
  }).toString();
}

/** The callback URL that was registered at `ts` (unix seconds; null: the variant without time). */
export function callbackUrl(address: string, ts: number | null = nowSeconds(), meetingId = '', accessUrlId = 1): string {
  return `${address}${LEGACY_PATH}?${signedLegacyQuery({ accessUrlId, meetingId, timestamp: ts }, KEYS.WEBHOOK_SALT)}`;
}

export function withChecksum(url: string, body: string | Buffer, covers: 'body' | 'parsed' | 'constant' = 'body'): string {
  return signedCallbackUrl(url, body, KEYS.BBB_SECRET, { covers });
}

export async function post(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; json: Record<string, unknown>; headers: Headers }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', ...headers },
    body,
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown>, headers: response.headers };
}
