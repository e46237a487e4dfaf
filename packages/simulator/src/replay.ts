import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Try } from './post-once.js';
import type { RecordedRequest } from './recording.js';
import { planReplay, type ReplayedMeeting } from './replay-plan.js';
import { RequestSlots } from './request-slots.js';
import { countsAsDelivered, SENDER_ANSWER_TIMEOUT_MS, SENDER_RETRY_DELAYS_MS } from './retry-schedule.js';
import { type SendOptions, sendDelivery } from './send-delivery.js';
import { type HookKeys, signCallbackUrl, signDelivery } from './sign-request.js';

export interface ReplayOptions extends HookKeys {
  /** 1 (default): at the recorded pace; 10: ten times as fast; 0 or Infinity: as fast as `concurrency` allows. */
  readonly speed?: number;
  /** Unix ms of the meeting's first event. Default: now; at a speed above 1 the meeting ends now instead. */
  readonly startAt?: number;
  /** Put to every internal id, so that the same recording is another occurrence of the same room. */
  readonly renumber?: string;
  /** Requests in flight at once; default 32. Those that wait for a retry do not count. */
  readonly concurrency?: number;
  /** Tries after the first one; default: the sender's whole schedule of about five minutes. */
  readonly maxRetries?: number;
  /** Default: the sender's own 5,000 ms. */
  readonly answerTimeoutMs?: number;
  /** Aborted, it ends the replay: requests in flight are cut and the replay throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A request that was never accepted. */
export interface ReplayFailure {
  /** Its line in the recording; 1 is the first. */
  readonly line: number;
  readonly tries: readonly Try[];
}

export interface ReplayReport {
  /** Requests of the recording. */
  readonly requests: number;
  /** POSTs that went out, retries included. */
  readonly sent: number;
  /** Requests that came to count as delivered: answered 2xx or 401. */
  readonly accepted: number;
  /** POSTs that repeated one which did not count as delivered. */
  readonly retried: number;
  readonly failed: readonly ReplayFailure[];
  /** POSTs by the status they were answered with; `no answer` where there was none. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Different events that the recording holds. */
  readonly events: number;
  /** Events that the recording holds once more. */
  readonly duplicates: number;
  readonly elapsedMs: number;
  /** What every time of the recording was moved by. */
  readonly offsetMs: number;
  /** The meetings under the ids and times that were sent. */
  readonly meetings: readonly ReplayedMeeting[];
}

/** An option that cannot be meant. */
export class ReplayOptionError extends Error {
  readonly code = 'invalid_replay_option';
  override readonly name = 'ReplayOptionError';
}

/**
 * Sends a recording to a running ingress as BigBlueButton's webhooks program would (docs/wire.md, "What BigBlueButton itself
 * signs"): every line in its order, whatever it was answered then, without waiting for one answer before the next is
 * sent, signed anew, and tried again after any answer but 2xx and 401. Times move to now by one constant.
 *
 * A request that is never accepted is told in the report. Throws {@link ReplayOptionError} for an option that cannot be meant, what
 * {@link signCallbackUrl} throws for keys that cannot sign, and the reason of `signal` when it is aborted.
 */
export async function replayRecording(lines: readonly RecordedRequest[], options: ReplayOptions): Promise<ReplayReport> {
  const speed = readSpeed(options.speed);
  const slots = new RequestSlots(atLeast(1, 'concurrency', options.concurrency ?? 32));
  const maxRetries = atLeast(0, 'maxRetries', options.maxRetries ?? SENDER_RETRY_DELAYS_MS.length);
  const answerTimeoutMs = atLeast(1, 'answerTimeoutMs', options.answerTimeoutMs ?? SENDER_ANSWER_TIMEOUT_MS);
  if (options.startAt !== undefined) atLeast(0, 'startAt', options.startAt);
  if (lines.length === 0) throw new ReplayOptionError('there is no request to replay');

  const now = Date.now();
  const plan = planReplay(lines, { speed, startAt: options.startAt, renumber: options.renumber, now });
  // The hook is registered once, before the meeting: all requests carry the same callback URL.
  const callbackUrl = signCallbackUrl(options, Math.floor(now / 1_000));

  // Whatever ends one request other than an answer ends them all.
  const failure = new AbortController();
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal]);
  // Every request that is under way listens.
  setMaxListeners(0, signal);
  const send: SendOptions = { maxRetries, answerTimeoutMs, signal };
  const results: (readonly Try[])[] = [];
  const sending: Promise<void>[] = [];
  try {
    for (const [index, { dueAt, body }] of plan.requests.entries()) {
      const delay = dueAt - Date.now();
      if (delay > 0) await wait(delay, undefined, { signal });
      signal.throwIfAborted();
      const request = signDelivery(callbackUrl, body, options);
      sending.push(
        sendDelivery(request, slots, send).then(
          (tries) => {
            results[index] = tries;
          },
          (error: unknown) => failure.abort(error),
        ),
      );
    }
  } catch (error) {
    failure.abort(error);
  }
  await Promise.all(sending);
  signal.throwIfAborted();

  return {
    ...summarize(results),
    events: plan.events,
    duplicates: plan.duplicates,
    elapsedMs: Date.now() - now,
    offsetMs: plan.offsetMs,
    meetings: plan.meetings,
  };
}

type Summary = Pick<ReplayReport, 'requests' | 'sent' | 'accepted' | 'retried' | 'failed' | 'statuses'>;

function summarize(results: readonly (readonly Try[])[]): Summary {
  const statuses: Record<string, number> = {};
  for (const { status } of results.flat()) {
    const key = status === null ? 'no answer' : String(status);
    statuses[key] = (statuses[key] ?? 0) + 1;
  }
  const failed = results
    .map((tries, index) => ({ line: index + 1, tries }))
    .filter(({ tries }) => !tries.some(({ status }) => status !== null && countsAsDelivered(status)));
  const sent = results.flat().length;
  return {
    requests: results.length,
    sent,
    accepted: results.length - failed.length,
    retried: sent - results.length,
    failed,
    statuses,
  };
}

/** 0 means the same as Infinity: no pace at all. */
function readSpeed(speed = 1): number {
  if (Number.isNaN(speed) || speed < 0) throw new ReplayOptionError(`speed is ${speed}: it must be 0 or more`);
  return speed === 0 ? Number.POSITIVE_INFINITY : speed;
}

function atLeast(least: number, name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ReplayOptionError(`${name} is ${value}: it must be a whole number from ${least}`);
  }
  return value;
}
