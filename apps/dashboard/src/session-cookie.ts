import { createHmac } from 'node:crypto';
import { deriveKey } from '@bbb-activity/config/secret-key';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { basePathOf } from './base-path.js';

const NAME = 'bbb_activity_session';

/** How the ids of sessions travel. */
export class SessionCookies {
  /** Signs the cookies. */
  readonly key: Buffer;
  readonly #csrfKey: Buffer;
  readonly #alwaysSecure: boolean;

  /**
   * @param secret of which the keys are made: whoever changes it logs everybody out
   * @param publicUrl where people find the dashboard; null where that is not told
   */
  constructor(secret: string, publicUrl: string | null) {
    this.key = deriveKey(secret, 'session cookie');
    this.#csrfKey = deriveKey(secret, 'csrf token');
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

  /** Bound to the session: another site neither reads it nor can make it. */
  csrfTokenOf(id: string): string {
    return createHmac('sha256', this.#csrfKey).update(id).digest('base64url');
  }

  #options(request: FastifyRequest) {
    const secure = this.#alwaysSecure || request.protocol === 'https';
    // Lax: a link from elsewhere, such as the learning platform, finds whoever is logged in. Writes need a token besides.
    return { path: basePathOf(request), httpOnly: true, sameSite: 'lax', secure } as const;
  }
}
