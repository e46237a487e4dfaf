import { MalformedEventError } from './malformed-event.js';

/** An id never grows past this many UTF-16 units; a longer one is malformed, since two cut ids could become one. */
export const MAX_ID_LENGTH = 255;

// PostgreSQL's text can hold neither NUL nor half of a surrogate pair.
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EVERY_UNSTORABLE = /[\0\p{Surrogate}]/gu;

/**
 * An id as a text: trimmed, a number as its digits, null where nothing is told. Throws MalformedEventError `bad_id` for what is too long, cannot be
 * stored, or is a number too large to be exact (two ids would become one).
 */
export function cleanId(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new MalformedEventError('bad_id');
    return Number.isFinite(value) ? String(value) : badId();
  }
  if (typeof value !== 'string') return badId();
  const id = value.trim();
  if (id === '') return null;
  return id.length > MAX_ID_LENGTH || UNSTORABLE.test(id) ? badId() : id;
}

function badId(): never {
  throw new MalformedEventError('bad_id');
}

/** A text for people: trimmed, freed of what cannot be stored, cut to `maxCodePoints`; null where nothing is told. */
export function cleanText(value: unknown, maxCodePoints: number): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).replace(EVERY_UNSTORABLE, '').trim();
  if (text.length <= maxCodePoints) return text === '' ? null : text;
  return Array.from(text.slice(0, maxCodePoints * 2))
    .slice(0, maxCodePoints)
    .join('')
    .replace(EVERY_UNSTORABLE, '')
    .trim();
}

/** A yes or no, also as forms and XML spell it; null where it is neither. */
export function cleanFlag(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  switch (typeof value === 'string' ? value.trim().toLowerCase() : value) {
    case 1:
    case '1':
    case 'true':
    case 'yes':
    case 'on':
      return true;
    case 0:
    case '0':
    case 'false':
    case 'no':
    case 'off':
      return false;
    default:
      return null;
  }
}
