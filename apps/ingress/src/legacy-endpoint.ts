import { type Delivery, readDelivery } from '@bbb-activity/events/read-delivery';
import { UnreadableDeliveryError } from '@bbb-activity/events/unreadable-delivery';
import { LEGACY_PATH, type SignedLegacyUrl } from '@bbb-activity/signatures/legacy-url';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { accept, acceptIntake, refuse, refuseSignature } from './answers.js';
import { watchBody } from './body-parser.js';
import { type BoundedBody, EMPTY_BODY } from './bounded-body.js';
import { DeliveryProof, isFreshDelivery, timestampOfUnreadable } from './delivery-proof.js';
import type { EndpointOptions } from './endpoint-options.js';
import { PerRequest } from './per-request.js';
import { note } from './request-notes.js';
import { sentContentType } from './sent-content-type.js';
import type { Tenant } from './tenant.js';
import { takeTraced } from './traced-intake.js';
import { VerifiedUrls } from './verified-urls.js';

/** A body as it was understood, or why it was not. */
type ReadBody =
  | { readonly delivery: Delivery; readonly timestamp: number | null }
  | { readonly delivery: null; readonly timestamp: number | null; readonly unreadable: string };

/** What is known of a request once its URL is verified. */
interface Admitted {
  readonly tenant: Tenant;
  readonly signed: SignedLegacyUrl;
  /** Present where the URL alone is not enough. */
  readonly proof: DeliveryProof | null;
}

/**
 * The endpoint that BBB servers post to, with Chamilo's contract (docs/wire.md, "The legacy endpoint"). A request with a right signature is
 * answered 200 whatever it holds: refusing a delivery for its content would cost the hook.
 */
export function registerLegacyEndpoint(app: FastifyInstance, options: EndpointOptions): void {
  const { tenants, intake, identityKey, limits, publicUrl, refused } = options;
  const configured = [...tenants.values()].some(({ salts }) => salts.length > 0);
  const admitted = new PerRequest<Admitted>();
  const urls = new VerifiedUrls(tenants);

  /** Before the body is read, so that nobody without a signature has us read one. */
  function checkSignature(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    const { tenant, signed } = urls.verify(queryOf(request.url), Math.floor(Date.now() / 1_000));
    if (tenant === undefined ? !configured : tenant.salts.length === 0) return refuse(reply, 500, 'plugin_not_configured');
    if (tenant === undefined || !('accessUrlId' in signed)) {
      return signed.outcome === 'missing'
        ? refuseSignature(reply, refused, 400, 'missing_signature_fields')
        : refuseSignature(reply, refused, 403, 'bad_signature');
    }
    note(request, { accessUrl: tenant.accessUrlId });
    // Before its body is read: what is refused then would have cost as much as what is taken.
    intake.requireRoom();
    const enough = signed.outcome === 'valid' || (signed.outcome === 'untimed' && tenant.allowUntimed);
    const { url, headers } = request;
    const proof = enough ? null : new DeliveryProof({ url, headers, secrets: tenant.bbbSecrets, publicUrl });
    if (proof !== null) watchBody(request, (piece) => proof.watch(piece));
    admitted.set(request, { tenant, signed, proof });
    return undefined;
  }

  /** Called back instead of awaited: most of a hook's cost is its promise. */
  const onRequest: onRequestHookHandler = (request, reply, done) => {
    if (checkSignature(request, reply) === undefined) done();
  };

  app.post<{ Body: BoundedBody | undefined }>(LEGACY_PATH, { onRequest }, async (request, reply) => {
    const { tenant, signed, proof } = admitted.get(request) ?? unchecked();
    const body = request.body ?? EMPTY_BODY;
    const read = readBody(request, body, signed);

    if (proof !== null) {
      const proven = proof.holds(body);
      if (!proven && signed.outcome === 'untimed') return refuseSignature(reply, refused, 400, 'missing_signature_fields');
      if (!proven || !isFreshDelivery(read.timestamp, Date.now()))
        return refuseSignature(reply, refused, 403, 'expired_signature');
    }
    if (!tenant.enabled) return accept(reply, 'webhooks_disabled');
    if (read.delivery === null) {
      await intake.keepUnreadable(read.unreadable, body.bytes, body.size, tenant);
      return accept(reply, read.unreadable);
    }
    return acceptIntake(reply, await takeTraced(reply, options, read.delivery, tenant));
  });

  function readBody(request: FastifyRequest, body: BoundedBody, signed: SignedLegacyUrl): ReadBody {
    if (body.cut) return { delivery: null, timestamp: timestampOfUnreadable(body), unreadable: 'body_too_large' };
    try {
      const delivery = readDelivery({
        contentType: sentContentType(request),
        body: body.bytes,
        accessUrlId: signed.accessUrlId,
        mid: signed.meetingId,
        receivedAt: Date.now(),
        requestId: request.id,
        identityKey,
        maxEvents: limits.events,
      });
      return { delivery, timestamp: delivery.timestamp };
    } catch (error) {
      if (error instanceof UnreadableDeliveryError) {
        return { delivery: null, timestamp: timestampOfUnreadable(body), unreadable: error.code };
      }
      throw error;
    }
  }
}

function queryOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}

function unchecked(): never {
  throw new Error('a request passed without its signature being checked');
}
