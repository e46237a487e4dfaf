import { createHmac } from 'node:crypto';
import { deriveKey } from '@bbb-activity/config/secret-key';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { basePathOf } from './base-path.js';

const NAME = 'bbb_activity_session';

/** How the ids of sessions travel. */
export class SessionCookies {
  /** Each verifies cookies, and the first signs them. */
  readonly keys: readonly Buffer[];
  readonly #csrfKeys: readonly Buffer[];
  readonly #alwaysSecure: boolean;

  /**
   * @param secrets of which the keys are made, the present one first: whoever drops one logs out those who logged in while it was the first
   * @param publicUrl where people find the dashboard; null where that is not told
   */
  constructor(secrets: readonly string[], publicUrl: string | null) {
    this.keys = secrets.map((secret) => deriveKey(secret, 'session cookie'));
    this.#csrfKeys = secrets.map((secret) => deriveKey(secret, 'csrf token'));
    this.#alwaysSecure = publicUrl?.startsWith('https:') === true;
  }

  /** The id that a request bears, if its signature is right; else null. */
  read(request: FastifyRequest): string | null {
    const cookie = request.cookies[NAME];
    if (cookie === undefined) return null;
    const { valid, value } = request.unsignCookie(cookie);
    return valid ? value : null;
  }

  set(reply: FastifyReply, id: string, lifeSeconds: number): void {
    reply.setCookie(NAME, id, { ...this.#options(reply.request), signed: true, maxAge: lifeSeconds });
  }

  clear(reply: FastifyReply): void {
    reply.clearCookie(NAME, this.#options(reply.request));
  }

  /** Those that a session's writes may bear, the present one first. Bound to the session: another site neither reads them nor can make them. */
  csrfTokensOf(id: string): readonly string[] {
    return this.#csrfKeys.map((key) => createHmac('sha256', key).update(id).digest('base64url'));
  }

  #options(request: FastifyRequest) {
    const secure = this.#alwaysSecure || request.protocol === 'https';
    // Lax: a link from elsewhere, such as the learning platform, finds whoever is logged in. Writes need a token besides.
    return { path: basePathOf(request), httpOnly: true, sameSite: 'lax', secure } as const;
  }
}
