import { cleanFlag, cleanId } from './clean-text.js';
import { readTime } from './event-time.js';
import { MalformedEventError } from './malformed-event.js';
import { UnreadableDeliveryError } from './unreadable-delivery.js';
import { isTold, type WireObject } from './wire-value.js';

const UNSTORABLE = /[\0\p{Surrogate}]/gu;
const MAX_DATABASE_INTEGER = 2_147_483_647;

/**
 * The fields of a signed body, each of a stated type. Here the sender is the learning platform itself, which is told what it does wrong instead of being
 * guessed at: every reader gives null for a field that tells nothing and throws UnreadableDeliveryError `bad_field` for one of another type.
 */
export class ModernFields {
  readonly #fields: WireObject;

  constructor(fields: WireObject) {
    this.#fields = fields;
  }

  /** Throws UnreadableDeliveryError `missing_field` where the reader finds nothing. */
  required<T>(name: string, value: T | null): T {
    if (value === null) throw new UnreadableDeliveryError('missing_field', `the field ${name} is required`, name);
    return value;
  }

  id(name: string): string | null {
    return this.#reading(name, cleanId);
  }

  /** Unix ms. */
  time(name: string): number | null {
    return this.#reading(name, readTime);
  }

  text(name: string, maxLength: number): string | null {
    const value = this.#fields[name];
    if (!isTold(value)) return null;
    if (typeof value !== 'string' && typeof value !== 'number') return wrong(name, 'a text');
    const text = String(value).replace(UNSTORABLE, '').trim();
    if (text.length > maxLength) return wrong(name, `at most ${maxLength} characters long`);
    return text === '' ? null : text;
  }

  /** A text, or any JSON value as its text. */
  textOrJson(name: string, maxLength: number): string | null {
    const value = this.#fields[name];
    if (!isTold(value) || typeof value === 'string') return this.text(name, maxLength);
    const text = JSON.stringify(value).replace(UNSTORABLE, '');
    return text.length > maxLength ? wrong(name, `at most ${maxLength} characters long`) : text;
  }

  /** An absolute http or https address: it is shown as a link. */
  url(name: string, maxLength: number): string | null {
    const text = this.text(name, maxLength);
    if (text === null) return null;
    return URL.canParse(text) && /^https?:\/\//i.test(text) ? text : wrong(name, 'an http or https address');
  }

  flag(name: string): boolean | null {
    const value = this.#fields[name];
    return isTold(value) ? (cleanFlag(value) ?? wrong(name, 'true or false')) : null;
  }

  /** From `least` to the greatest that the database holds. */
  integer(name: string, least: number): number | null {
    const value = this.#fields[name];
    if (!isTold(value)) return null;
    const number = typeof value === 'string' && /^\s*-?[0-9]{1,10}\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) return wrong(name, 'an integer');
    return number >= least && number <= MAX_DATABASE_INTEGER ? number : wrong(name, `from ${least} to ${MAX_DATABASE_INTEGER}`);
  }

  #reading<T>(name: string, read: (value: unknown) => T): T {
    try {
      return read(this.#fields[name]);
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      return wrong(name, error.code === 'bad_id' ? 'an id of at most 255 characters' : 'a time');
    }
  }
}

function wrong(name: string, wanted: string): never {
  throw new UnreadableDeliveryError('bad_field', `the field ${name} must be ${wanted}`, name);
}
