import { setTimeout as wait } from 'node:timers/promises';
import { postOnce, type Try } from './post-once.js';
import type { RequestSlots } from './request-slots.js';
import { countsAsDelivered, SENDER_RETRY_DELAYS_MS } from './retry-schedule.js';

/** A POST as it goes out: signed URL and encoded body. Every try sends the same bytes. */
export interface SignedRequest {
  readonly url: string;
  readonly body: string;
}

export interface SendOptions {
  /** Tries after the first; the waits before them are the sender's own. */
  readonly maxRetries: number;
  readonly answerTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a request until it counts as delivered or its tries are used up, as the sender does: each request with its own retry
 * timer, which holds no slot while it runs. Gives every try in order; throws only when `signal` is aborted.
 */
export async function sendDelivery(request: SignedRequest, slots: RequestSlots, options: SendOptions): Promise<readonly Try[]> {
  const tries: Try[] = [];
  for (;;) {
    const attempt = await slots.run(() => post(request, options));
    tries.push(attempt);
    if (attempt.status !== null && countsAsDelivered(attempt.status)) return tries;
    if (tries.length > options.maxRetries) return tries;
    await wait(retryDelay(tries.length), undefined, { signal: options.signal });
  }
}

/** Wait in ms before retry number `retry` (1 is the first); past the sender's schedule its last wait goes on. */
function retryDelay(retry: number): number {
  return SENDER_RETRY_DELAYS_MS[retry - 1] ?? SENDER_RETRY_DELAYS_MS[SENDER_RETRY_DELAYS_MS.length - 1] ?? 0;
}

async function post(request: SignedRequest, { answerTimeoutMs, signal }: SendOptions): Promise<Try> {
  signal.throwIfAborted();
  const attempt = await postOnce(request, { answerTimeoutMs, signal, followRedirects: true });
  if (attempt.status === null) signal.throwIfAborted();
  return attempt;
}
