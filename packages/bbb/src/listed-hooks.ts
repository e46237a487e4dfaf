import { BbbAnswerError } from './errors.js';
import type { BbbAnswer } from './read-answer.js';

/** A hook as a BBB server lists it, whoever made it (docs/wire.md, "The hooks API"). */
export interface ListedHook {
  readonly hookId: string;
  /** Signed: not to be logged. */
  readonly callbackUrl: string;
  /** External id; null for a global hook. */
  readonly meetingId: string | null;
  /** Lower case, sorted; none where all events are sent. */
  readonly eventNames: readonly string[];
  /** Of the server's own configuration: it does not remove it. */
  readonly permanent: boolean;
  /** Sends the events as the server has them inside, which this product does not read. */
  readonly raw: boolean;
}

/** The hooks of an answer to `hooks/list`, in its order. @throws {BbbAnswerError} where one of them is none */
export function readHooks(call: string, { hooks }: BbbAnswer): ListedHook[] {
  // An empty element is an empty text.
  if (hooks === '' || hooks === undefined) return [];
  if (!isElement(hooks)) throw new BbbAnswerError(call, 200, 'it holds no list of hooks');
  const { hook = [] } = hooks;
  return (Array.isArray(hook) ? hook : [hook]).map((one: unknown) => readHook(call, one));
}

function readHook(call: string, hook: unknown): ListedHook {
  if (!isElement(hook)) throw new BbbAnswerError(call, 200, 'one of its hooks is none');
  const { hookID: hookId, callbackURL: callbackUrl } = hook;
  if (typeof hookId !== 'string' || hookId === '') throw new BbbAnswerError(call, 200, 'a hook tells no hookID');
  if (typeof callbackUrl !== 'string' || callbackUrl === '') throw new BbbAnswerError(call, 200, 'a hook tells no callbackURL');
  return {
    hookId,
    callbackUrl: callbackUrl.trim(),
    meetingId: textOf(hook['meetingID']),
    eventNames: namesOf(textOf(hook['eventID'])),
    permanent: hook['permanentHook'] === 'true',
    raw: hook['rawData'] === 'true',
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function namesOf(text: string | null): string[] {
  const names = (text ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '').toSorted();
}

function isElement(value: unknown): value is BbbAnswer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
