/** Why one event of a delivery cannot be read, though its neighbours may. */
export type MalformedReason =
  | 'not_an_object'
  | 'no_name'
  | 'no_meeting'
  | 'no_person'
  | 'bad_id'
  | 'bad_time'
  | 'too_deep'
  | 'too_many_events';

/** Thrown while one event is read; the delivery keeps the event as sealed evidence and goes on. */
export class MalformedEventError extends Error {
  readonly code: MalformedReason;

  constructor(code: MalformedReason) {
    super(`malformed event: ${code}`);
    this.name = 'MalformedEventError';
    this.code = code;
  }
}
