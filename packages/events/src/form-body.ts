import { UnreadableDeliveryError } from './unreadable-delivery.js';
import { isWireObject, type WireObject } from './wire-value.js';

type Fields = Record<string, unknown>;

/** `payload[meeting][externalMeetingID]`, as PHP writes nested values; a longer way stays one plain name. */
const NESTED_NAME = /^([^[\]]+)((?:\[[^[\]]*\]){1,8})$/;

/**
 * The fields of an `application/x-www-form-urlencoded` text, all as texts. A doubled field is a list, so that nothing told is lost. Throws
 * UnreadableDeliveryError `bad_utf8`.
 */
export function parseForm(text: string): WireObject {
  // Without a prototype, no name that a sender thinks of means anything but itself.
  const fields: Fields = Object.create(null) as Fields;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    if (!name.includes('[') || !setNested(fields, name, value)) append(fields, name, value);
  }
  return fields;
}

/** False where the name is not nested, or leads through what is a plain field already. */
function setNested(fields: Fields, name: string, value: string): boolean {
  const found = NESTED_NAME.exec(name);
  const [, first = '', rest = ''] = found ?? [];
  if (found === null) return false;
  const way = [first, ...rest.slice(1, -1).split('][')];
  // A trailing [] only says that there may be several.
  if (way.at(-1) === '') way.pop();
  const last = way.pop() ?? first;
  let inner = fields;
  for (const step of way) {
    const next = inner[step] ?? Object.create(null);
    if (!isWireObject(next)) return false;
    inner[step] = next;
    inner = next as Fields;
  }
  append(inner, last, value);
  return true;
}

function append(fields: Fields, name: string, value: string): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else fields[name] = [before, value];
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return decodeBytes(spaced);
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** For careless senders: a `%` that begins no escape stands for itself. The bytes must still be UTF-8. */
function decodeBytes(text: string): string {
  const bytes = text
    .split(/(%[0-9a-f]{2})/i)
    .map((part, index) => (index % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)));
  try {
    return strictUtf8.decode(Buffer.concat(bytes));
  } catch {
    throw new UnreadableDeliveryError('bad_utf8', 'a form field is not UTF-8');
  }
}
