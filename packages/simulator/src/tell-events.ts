import { postOnce } from './post-once.js';
import { type HookKeys, signCallbackUrl, signDelivery } from './sign-request.js';
import { DeliveryError, encodeDelivery, type RawEvent } from './webhook-delivery.js';

const EVENTS_A_POST = 100;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Tells events to an ingress, many a post, one post after the other. Throws {@link DeliveryError} where one is not taken.
 */
export async function tellEvents(keys: HookKeys, events: readonly RawEvent[]): Promise<void> {
  const callback = signCallbackUrl(keys, Math.floor(Date.now() / 1_000));
  for (let from = 0; from < events.length; from += EVENTS_A_POST) {
    const body = encodeDelivery({
      domain: 'bbb.example.com',
      events: events.slice(from, from + EVENTS_A_POST),
      timestamp: Date.now(),
    });
    const { status, problem } = await postOnce(signDelivery(callback, body, keys), {
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      signal: new AbortController().signal,
      followRedirects: false,
    });
    if (status !== 200) throw new DeliveryError(`the ingress answered ${status ?? problem}`);
  }
}
