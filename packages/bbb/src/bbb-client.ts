import { signedApiQuery } from '@bbb-activity/signatures/api-checksum';
import type { ChecksumAlgorithm } from '@bbb-activity/signatures/checksum-algorithm';
import { requireSecret } from '@bbb-activity/signatures/secrets';
import { BbbAnswerError, BbbFailedError } from './errors.js';
import { fetchBounded } from './fetch-bounded.js';
import { type ListedHook, readHooks } from './listed-hooks.js';
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

/** A hook as it is asked for. */
export interface NewHook {
  readonly callbackUrl: string;
  /** External id; null for a global hook. */
  readonly meetingId: string | null;
  /** Names of the events that are sent; none sends all. */
  readonly eventNames: readonly string[];
}

export interface CreatedHook {
  readonly hookId: string;
  /** Whether the callback URL was registered already: then the hook is as it was, whatever was asked for. */
  readonly duplicate: boolean;
}

export interface HookList {
  /** In the server's order, the oldest first. */
  readonly hooks: readonly ListedHook[];
  /** How far the server's clock is ahead of this one, in ms, to about a second; null where it does not tell its time. */
  readonly clockAheadMs: number | null;
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
    const { running } = await this.#answer(call, { meetingID: externalMeetingId });
    if (running === 'true') return true;
    if (running === 'false') return false;
    throw new BbbAnswerError(call, 200, 'it does not tell whether the meeting runs');
  }

  /** All meetings that the server knows, running or not; none where it knows none. */
  async getMeetings(): Promise<BbbMeeting[]> {
    const call = 'getMeetings';
    return readMeetings(call, await this.#answer(call, {}));
  }

  /** @throws {BbbFailedError} with the key `notFound` for a meeting that the server does not know */
  async getMeetingInfo(externalMeetingId: string): Promise<BbbMeeting> {
    const call = 'getMeetingInfo';
    return readMeeting(call, await this.#answer(call, { meetingID: externalMeetingId }));
  }

  /** All hooks of the server, whoever made them. With a meeting's id it would refuse where that has none. */
  async listHooks(): Promise<HookList> {
    const call = 'hooks/list';
    const { answer, clockAheadMs } = await this.#call(call, {});
    return { hooks: readHooks(call, answer), clockAheadMs };
  }

  async createHook({ callbackUrl, meetingId, eventNames }: NewHook): Promise<CreatedHook> {
    const call = 'hooks/create';
    const answer = await this.#answer(call, {
      callbackURL: callbackUrl,
      ...(meetingId === null ? {} : { meetingID: meetingId }),
      ...(eventNames.length === 0 ? {} : { eventID: eventNames.join(',') }),
    });
    const { hookID: hookId } = answer;
    if (typeof hookId !== 'string' || hookId === '') throw new BbbAnswerError(call, 200, 'it tells no hookID');
    return { hookId, duplicate: answer['messageKey'] === 'duplicateWarning' };
  }

  /** Whether there was such a hook to remove: the server says so of none that it does not know, and of none that is permanent. */
  async destroyHook(hookId: string): Promise<boolean> {
    const call = 'hooks/destroy';
    try {
      const { removed } = await this.#answer(call, { hookID: hookId });
      return removed === 'true';
    } catch (error) {
      if (error instanceof BbbFailedError && error.messageKey === 'destroyMissingHook') return false;
      throw error;
    }
  }

  async #answer(call: string, parameters: Readonly<Record<string, string>>): Promise<BbbAnswer> {
    return (await this.#call(call, parameters)).answer;
  }

  async #call(
    call: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<{ readonly answer: BbbAnswer; readonly clockAheadMs: number | null }> {
    const { secret, algorithm, timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = this.#options;
    const query = signedApiQuery(call, new URLSearchParams(parameters).toString(), secret, algorithm);
    const { status, text, clockAheadMs } = await fetchBounded(call, `${this.#api}${call}?${query}`, {
      timeoutMs,
      maxBytes: maxAnswerBytes,
    });
    return { answer: readAnswer(call, status, text), clockAheadMs };
  }
}
