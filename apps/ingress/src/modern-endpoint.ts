import { readModern } from '@bbb-activity/events/read-modern';
import { UnreadableDeliveryError } from '@bbb-activity/events/unreadable-delivery';
import { verifyModern } from '@bbb-activity/signatures/modern-header';
import type { FastifyInstance } from 'fastify';
import { accept, acceptIntake, refuse } from './answers.js';
import { type BoundedBody, EMPTY_BODY } from './bounded-body.js';
import type { EndpointOptions } from './endpoint-options.js';
import { note } from './request-notes.js';

export const MODERN_PATH = '/api/videoconference/callback';

/**
 * The endpoint that the learning platform itself posts to (docs/wire.md, "The modern endpoint"). A request without a valid signature is
 * answered 200 and writes nothing; only a signed one can be told that it is wrong.
 */
export function registerModernEndpoint(app: FastifyInstance, options: EndpointOptions): void {
  const { tenant, intake, identityKey, limits } = options;

  app.post<{ Body: BoundedBody | undefined }>(MODERN_PATH, async (request, reply) => {
    const body = request.body ?? EMPTY_BODY;
    const verdict = verifyModern({
      timestamp: header(request.headers['x-chamilo-timestamp']),
      signature: header(request.headers['x-chamilo-signature']),
      rawBody: body.bytes,
      secrets: tenant.kernelSecrets,
      now: Math.floor(Date.now() / 1_000),
    });
    if (verdict.outcome !== 'valid' || body.cut) {
      accept(reply);
      note(request, { outcome: body.cut ? 'body_too_large' : `signature_${verdict.outcome}`, from: request.ip });
      return reply;
    }
    if (!tenant.enabled) return accept(reply, 'webhooks_disabled');
    try {
      const delivery = readModern({
        contentType: request.headers['content-type'] ?? null,
        body: body.bytes,
        accessUrlId: tenant.accessUrlId,
        mid: null,
        receivedAt: Date.now(),
        requestId: request.id,
        identityKey,
        maxEvents: limits.events,
        signedSeconds: verdict.timestamp,
      });
      return acceptIntake(reply, await intake.take(delivery, tenant));
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
