import { readModern } from '@bbb-activity/events/read-modern';
import { UnreadableDeliveryError } from '@bbb-activity/events/unreadable-delivery';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { accept, acceptIntake, refuse } from './answers.js';
import { watchBody } from './body-parser.js';
import { type BoundedBody, EMPTY_BODY } from './bounded-body.js';
import type { EndpointOptions } from './endpoint-options.js';
import { PerRequest } from './per-request.js';
import { leaveUnlogged, note } from './request-notes.js';
import { sentContentType } from './sent-content-type.js';
import { SigningTenants } from './signing-tenants.js';
import { takeTraced } from './traced-intake.js';

export const MODERN_PATH = '/api/videoconference/callback';

/**
 * The endpoint that the learning platform itself posts to (docs/wire.md, "The modern endpoint"). A request without a valid signature is
 * answered 200 and writes nothing; only a signed one can be told that it is wrong.
 */
export function registerModernEndpoint(app: FastifyInstance, options: EndpointOptions): void {
  const { tenants, identityKey, limits, refused } = options;

  const checks = new PerRequest<SigningTenants>();

  /** The signature is over the whole body, of which only so much is kept. */
  async function watchSignature(request: FastifyRequest): Promise<void> {
    const timestamp = header(request.headers['x-chamilo-timestamp']);
    const signature = header(request.headers['x-chamilo-signature']);
    const check = new SigningTenants(tenants, { timestamp, signature }, Math.floor(Date.now() / 1_000));
    checks.set(request, check);
    watchBody(request, (piece) => check.update(piece));
  }

  app.post<{ Body: BoundedBody | undefined }>(MODERN_PATH, { onRequest: watchSignature }, async (request, reply) => {
    const body = request.body ?? EMPTY_BODY;
    const verdict = checks.get(request)?.verdict() ?? { outcome: 'missing' as const };
    if (verdict.outcome !== 'valid') {
      note(request, { outcome: `signature_${verdict.outcome}`, from: request.ip });
      // The answer is the same for every stranger, however many come.
      if (refused.add(request.ip) !== null) leaveUnlogged(request);
      return reply.code(200).send({ ok: true });
    }
    if (body.cut) return refuse(reply, 400, 'body_too_large', `a body may have ${limits.bodyBytes} bytes`);
    const signers = verdict.tenants;
    if (signers.every(({ enabled }) => !enabled)) return accept(reply, 'webhooks_disabled');
    try {
      const delivery = readModern({
        contentType: sentContentType(request),
        body: body.bytes,
        accessUrlIds: signers.map(({ accessUrlId }) => accessUrlId),
        mid: null,
        receivedAt: Date.now(),
        requestId: request.id,
        identityKey,
        maxEvents: limits.events,
        signedSeconds: verdict.timestamp,
      });
      const tenant = signers.find(({ accessUrlId }) => accessUrlId === delivery.accessUrlId) ?? signers[0];
      if (tenant === undefined || !tenant.enabled) return accept(reply, 'webhooks_disabled');
      note(request, { accessUrl: tenant.accessUrlId });
      return acceptIntake(reply, await takeTraced(reply, options, delivery, tenant));
    } catch (error) {
      if (error instanceof UnreadableDeliveryError) return refuse(reply, 400, error.code, error.reason);
      throw error;
    }
  });
}

/** A doubled header proves nothing. */
function header(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
