import { MalformedEventError } from './malformed-event.js';
import { isTold } from './wire-value.js';

/** Below this a time is in seconds, else in ms (docs/wire.md, "Event forms"). */
const FIRST_MILLISECOND_TIME = 1e11;
/** 9999-12-31T23:59:59.999Z: the last time that all parts of the system can write down. */
const LAST_TIME = 253_402_300_799_999;

const DECIMAL = /^[0-9]{1,17}(?:\.[0-9]{1,9})?$/;
const ISO_DATE = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?) ?(Z|[+-][0-9]{2}:?[0-9]{2})?$/i;

/**
 * A time in whole unix ms, rounded down, from seconds or ms as a number or a numeric text, or from an ISO date (UTC where it names no zone). Null where
 * none is told. Throws MalformedEventError `bad_time` for what is no time after 1970 and before the year 10000.
 */
export function readTime(value: unknown): number | null {
  if (!isTold(value)) return null;
  const time = timeOf(value);
  if (time === null) throw new MalformedEventError('bad_time');
  return time;
}

/** The same, but null for a bad time as for none: for a delivery, whose events need not suffer for it. */
export function readTimeOrNull(value: unknown): number | null {
  return isTold(value) ? timeOf(value) : null;
}

function timeOf(value: unknown): number | null {
  const time = typeof value === 'number' ? fromNumber(value) : typeof value === 'string' ? fromText(value.trim()) : Number.NaN;
  return time >= 1 && time <= LAST_TIME ? time : null;
}

function fromText(text: string): number {
  if (DECIMAL.test(text)) return fromNumber(Number(text));
  const [, day, clock, zone = 'Z'] = ISO_DATE.exec(text) ?? [];
  return day === undefined ? Number.NaN : Math.floor(Date.parse(`${day}T${clock}${zone.toUpperCase()}`));
}

function fromNumber(value: number): number {
  if (value >= FIRST_MILLISECOND_TIME) return Math.floor(value);
  // Seconds with a fraction are not exact in binary: taken to the microsecond first, so that .457 s does not become 456 ms.
  return Math.floor(Math.round(value * 1e6) / 1e3);
}
