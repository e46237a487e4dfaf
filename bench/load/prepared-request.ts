import { type CampusEvent, rawEventOf } from '@bbb-activity/simulator/campus';
import { type HookKeys, signCallbackUrl, signDelivery } from '@bbb-activity/simulator/sign-request';
import { encodeDelivery } from '@bbb-activity/simulator/webhook-delivery';
import { KEYS } from './keys.js';

/** Of as many digits as every time of now, and nowhere else in a body. */
const PLACEHOLDER = 1_111_111_111_111;

/** A delivery that only wants its time: encoding is most of a sender's work, and is done before anything is measured. */
export interface PreparedRequest {
  /** The body, cut where the time goes. */
  readonly pieces: readonly string[];
  readonly name: string;
}

/** One event a delivery, as a BBB server sends them. */
export function prepareRequest(event: CampusEvent): PreparedRequest {
  const raw = rawEventOf(event, PLACEHOLDER);
  const body = encodeDelivery({ domain: 'bbb.example.com', events: [raw], timestamp: PLACEHOLDER });
  return { pieces: body.split(String(PLACEHOLDER)), name: event.name };
}

/** The body of a delivery whose event happened at `at` (unix ms). */
export function bodyAt({ pieces }: PreparedRequest, at: number): string {
  return pieces.join(String(at));
}

/** Writes deliveries to one hook, registered now, as the bytes of an HTTP request. */
export class RequestWriter {
  readonly #keys: HookKeys;
  readonly #callbackUrl: string;
  readonly #originLength: number;
  readonly #head: string;

  /** `target`: address of the ingress. */
  constructor(target: string, keepAlive: boolean) {
    const { host, origin } = new URL(target);
    this.#keys = { target, sharedSecret: KEYS.BBB_SECRET, salt: KEYS.WEBHOOK_SALT };
    this.#callbackUrl = signCallbackUrl(this.#keys, Math.floor(Date.now() / 1_000));
    this.#originLength = origin.length;
    this.#head = [
      `Host: ${host}`,
      'Content-Type: application/x-www-form-urlencoded;charset=UTF-8',
      'User-Agent: node-fetch',
      'Accept: */*',
      `Connection: ${keepAlive ? 'keep-alive' : 'close'}`,
      'Content-Length: ',
    ].join('\r\n');
  }

  write(request: PreparedRequest, at: number): string {
    const body = bodyAt(request, at);
    const { url } = signDelivery(this.#callbackUrl, body, this.#keys);
    // What is form-encoded is ASCII: its length is its bytes.
    return `POST ${url.slice(this.#originLength)} HTTP/1.1\r\n${this.#head}${body.length}\r\n\r\n${body}`;
  }
}
