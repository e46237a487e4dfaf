/**
 * What can go wrong with a call to a BBB server. No message holds the URL, whose query is signed, nor anything that the server wrote
 * in free text.
 */

/** The server cannot be reached, or does not answer in time: nothing is known about what was asked. */
export class BbbUnreachableError extends Error {
  readonly code = 'bbb_unreachable';
  override readonly name = 'BbbUnreachableError';
  readonly call: string;
  /** `timeout`, or the code of the network's error, such as `ECONNREFUSED`. */
  readonly reason: string;

  constructor(call: string, reason: string) {
    super(`the BBB server cannot be reached for ${call}: ${reason}`);
    this.call = call;
    this.reason = reason;
  }
}

/** Something answered, but not as a BBB server does: another program, a proxy, a wrong BBB_URL. */
export class BbbAnswerError extends Error {
  readonly code = 'bbb_answer';
  override readonly name = 'BbbAnswerError';
  readonly call: string;
  /** HTTP status. */
  readonly status: number;

  constructor(call: string, status: number, problem: string) {
    super(`the answer to ${call} is not one of a BBB server (HTTP status ${status}): ${problem}`);
    this.call = call;
    this.status = status;
  }
}

/** The server refused the call: docs/wire.md, "The hooks API". */
export class BbbFailedError extends Error {
  readonly code = 'bbb_failed';
  override readonly name = 'BbbFailedError';
  readonly call: string;
  /** The server's own key, such as `checksumError`; `unknown` where it tells none that is a key. */
  readonly messageKey: string;

  constructor(call: string, messageKey: string) {
    super(`the BBB server refused ${call}: ${messageKey}`);
    this.call = call;
    this.messageKey = messageKey;
  }
}
