export type UnreadableCode =
  | 'bad_utf8'
  | 'bad_json'
  | 'bad_xml'
  | 'too_deep'
  | 'unknown_form'
  | 'missing_field'
  | 'bad_field'
  | 'wrong_access_url';

/** Thrown where a body as a whole is no form of docs/wire.md. Its message tells nothing of the body's content. */
export class UnreadableDeliveryError extends Error {
  readonly code: UnreadableCode;
  /** What is wrong, in words for the sender's operator. */
  readonly reason: string;
  /** The field that is missing or wrong, where it is one field. */
  readonly field: string | null;

  constructor(code: UnreadableCode, reason: string, field: string | null = null) {
    super(`unreadable delivery (${code}): ${reason}`);
    this.name = 'UnreadableDeliveryError';
    this.code = code;
    this.reason = reason;
    this.field = field;
  }
}
