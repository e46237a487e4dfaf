import { verifyMeetingLink } from '@bbb-activity/signatures/meeting-link';
import { newOpaqueToken, opaqueTokenHash } from '@bbb-activity/signatures/opaque-token';
import type { Store } from '@bbb-activity/store/client';
import { addSession, findSession, linkedMeeting } from '@bbb-activity/store/dashboard-sessions';
import { getMeeting } from '@bbb-activity/store/meeting-queries';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { basePathOf } from './base-path.js';
import type { SessionCookies } from './session-cookie.js';

export interface LinkOptions {
  readonly store: Store;
  readonly cookies: SessionCookies;
  /** The salts of an access URL that are valid now; none of one that is not known. */
  readonly saltsOf: (accessUrlId: number) => readonly string[];
}

/** As long as a lesson and what comes after it; then the learning platform makes another link. */
const SESSION_SECONDS = 4 * 3_600;

/** `/link`: opens the page of one meeting to whoever the learning platform sends (docs/dashboard.md, "Links from the learning platform"). */
export function linkRoutes(app: FastifyInstance, { store, cookies, saltsOf }: LinkOptions): void {
  app.get('/link', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
    // It answers with a login.
    reply.header('cache-control', 'no-store');
    const query = request.url.slice(request.url.indexOf('?') + 1);
    const verdict = verifyMeetingLink({ query, saltsOf, now: Math.floor(Date.now() / 1_000) });
    if (verdict.outcome !== 'valid') {
      request.log.warn({ outcome: verdict.outcome, address: request.ip }, 'a link was refused');
      return toLogin(request, reply, verdict.outcome === 'expired' ? 'link_expired' : 'link_refused');
    }
    const meetingId = await linkedMeeting(store, verdict.accessUrlId, verdict.meetingId);
    if (meetingId === null) return toLogin(request, reply, 'link_without_meeting');
    // Who is logged in and may read the meeting stays who they are.
    if (!(await mayReadAlready(request, meetingId))) {
      const id = newOpaqueToken();
      await addSession(store, opaqueTokenHash(id), { meetingId }, Date.now() + SESSION_SECONDS * 1_000);
      cookies.set(reply, id, SESSION_SECONDS);
      request.log.info({ accessUrl: verdict.accessUrlId, meeting: meetingId }, 'came by a link');
    }
    return reply.redirect(`${basePathOf(request)}meetings/${meetingId}`, 303);
  });

  async function mayReadAlready(request: FastifyRequest, meetingId: string): Promise<boolean> {
    const id = cookies.read(request);
    const owner = id === null ? null : await findSession(store, opaqueTokenHash(id));
    if (owner?.kind !== 'user') return false;
    return (await getMeeting(store, { accessUrlId: owner.accessUrlId, meetingId: null }, meetingId)) !== null;
  }
}

function toLogin(request: FastifyRequest, reply: FastifyReply, reason: string): FastifyReply {
  return reply.redirect(`${basePathOf(request)}login?reason=${reason}`, 303);
}
