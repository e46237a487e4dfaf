import { signedApiQuery } from '@bbb-activity/signatures/api-checksum';
import type { ChecksumAlgorithm } from '@bbb-activity/signatures/checksum-algorithm';
import { requireSecret } from '@bbb-activity/signatures/secrets';
import { BbbAnswerError } from './errors.js';
import { fetchBounded } from './fetch-bounded.js';
import { type BbbMeeting, readMeeting, readMeetings } from './meetings.js';
import { type BbbAnswer, readAnswer } from './read-answer.js';

export interface BbbClientOptions {
  /** Ends in `/bigbluebutton`; slashes behind it do not count. */
  readonly url: string;
  /** The server's shared secret. */
  readonly secret: string;
  /** Of the checksums; every server takes SHA-1 unless it is told otherwise. Default `sha1`. */
  readonly algorithm?: ChecksumAlgorithm;
  /** For one call, in ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** The largest answer that is read. Default 8 MiB: some 20,000 people in all meetings of `getMeetings`. */
  readonly maxAnswerBytes?: number;
}

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 8 * 1_048_576;

/**
 * Calls the API of a BBB server (docs/wire.md, "The hooks API"). Every call may reject with {@link BbbUnreachableError},
 * {@link BbbAnswerError} or, with the server's own key, {@link BbbFailedError}.
 */
export class BbbClient {
  readonly #options: BbbClientOptions;
  readonly #api: string;

  /** @throws {EmptySecretError} */
  constructor(options: BbbClientOptions) {
    requireSecret(options.secret);
    this.#options = options;
    this.#api = `${options.url.replace(/\/+$/, '')}/api/`;
  }

  /**
   * Whether a meeting of this external id runs now. False also for one that the server does not know.
   *
   * @throws {BbbUnreachableError} {@link BbbAnswerError} {@link BbbFailedError} and then nothing is known about the meeting.
   */
  async isMeetingRunning(externalMeetingId: string): Promise<boolean> {
    const call = 'isMeetingRunning';
    const { running } = await this.#call(call, { meetingID: externalMeetingId });
    if (running === 'true') return true;
    if (running === 'false') return false;
    throw new BbbAnswerError(call, 200, 'it does not tell whether the meeting runs');
  }

  /** All meetings that the server knows, running or not; none where it knows none. */
  async getMeetings(): Promise<BbbMeeting[]> {
    const call = 'getMeetings';
    return readMeetings(call, await this.#call(call, {}));
  }

  /** @throws {BbbFailedError} with the key `notFound` for a meeting that the server does not know */
  async getMeetingInfo(externalMeetingId: string): Promise<BbbMeeting> {
    const call = 'getMeetingInfo';
    return readMeeting(call, await this.#call(call, { meetingID: externalMeetingId }));
  }

  async #call(call: string, parameters: Readonly<Record<string, string>>): Promise<BbbAnswer> {
    const { secret, algorithm, timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = this.#options;
    const query = signedApiQuery(call, new URLSearchParams(parameters).toString(), secret, algorithm);
    const { status, text } = await fetchBounded(call, `${this.#api}${call}?${query}`, { timeoutMs, maxBytes: maxAnswerBytes });
    return readAnswer(call, status, text);
  }
}
