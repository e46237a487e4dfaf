/** PostgreSQL's types of the columns that are passed as arrays. */
export type ColumnType = 'bigint' | 'boolean' | 'bytea' | 'int' | 'jsonb' | 'text' | 'timestamptz' | 'xid';

/** Object ids of the element types, which are the same in every database (PostgreSQL's pg_type.dat). */
const TYPE_OIDS: Readonly<Record<ColumnType, number>> = {
  boolean: 16,
  bytea: 17,
  bigint: 20,
  int: 23,
  text: 25,
  xid: 28,
  timestamptz: 1_184,
  jsonb: 3_802,
};

/** PostgreSQL counts from the beginning of 2000. */
const EPOCH_MS = Date.UTC(2_000, 0, 1);
const TWO_32 = 2 ** 32;
const HEADER_BYTES = 20;
const EMPTY_HEADER_BYTES = 12;
const LENGTH_BYTES = 4;
/** The most bytes of a value of a fixed size, with its length. */
const FIXED_BYTES = LENGTH_BYTES + 8;
/** The most bytes that UTF-8 takes for a unit of a text. */
const BYTES_PER_UNIT = 3;
const SQL_NULL = -1;
const INTEGER = /^-?\d+$/;
/** Of jsonb's binary form: a text follows. */
const JSONB_VERSION = 1;

/** What no column of its type can hold. Programs that pass it are wrong. */
export class UnwritableValueError extends RangeError {
  readonly code = 'unwritable_value';

  constructor(type: ColumnType) {
    super(`a value is no ${type}`);
    this.name = 'UnwritableValueError';
  }
}

/** Arrays are made one after the other, each wholly, so that one buffer serves them all; it grows to the longest. */
let scratch = Buffer.allocUnsafe(64 * 1_024);

/**
 * The binary form of an array of one dimension (`array_send` of PostgreSQL's arrayfuncs.c): it spares both sides the text of numbers and times, and the
 * quotes of JSON. Times are unix ms, bytes hex digits, ids digits, of `jsonb` the value itself; null and undefined are SQL's null.
 *
 * @throws UnwritableValueError
 */
export function binaryArray<Item>(type: ColumnType, items: readonly Item[], read: (item: Item) => unknown): Buffer {
  const write = WRITERS[type];
  let at = HEADER_BYTES;
  let nulls = 0;
  for (const item of items) {
    const value = read(item);
    if (value === null || value === undefined) {
      ensure(at + LENGTH_BYTES);
      at = scratch.writeInt32BE(SQL_NULL, at);
      nulls = 1;
    } else {
      at = write(value, at);
    }
  }
  const empty = items.length === 0;
  scratch.writeInt32BE(empty ? 0 : 1, 0);
  scratch.writeInt32BE(nulls, 4);
  scratch.writeInt32BE(TYPE_OIDS[type], 8);
  scratch.writeInt32BE(items.length, 12);
  // Where its indices begin.
  scratch.writeInt32BE(1, 16);
  return Buffer.from(scratch.subarray(0, empty ? EMPTY_HEADER_BYTES : at));
}

type Writer = (value: unknown, at: number) => number;

/** Each writes a length and a value to the scratch buffer, and gives where the next one begins. */
const WRITERS: Readonly<Record<ColumnType, Writer>> = {
  boolean(value, at) {
    ensure(at + FIXED_BYTES);
    const start = scratch.writeInt32BE(1, at);
    scratch[start] = value === true ? 1 : 0;
    return start + 1;
  },
  int(value, at) {
    ensure(at + FIXED_BYTES);
    return scratch.writeInt32BE(integerOf(value, 'int'), scratch.writeInt32BE(4, at));
  },
  xid(value, at) {
    ensure(at + FIXED_BYTES);
    return scratch.writeUInt32BE(integerOf(value, 'xid'), scratch.writeInt32BE(4, at));
  },
  bigint(value, at) {
    ensure(at + FIXED_BYTES);
    const start = scratch.writeInt32BE(8, at);
    const digits = String(value);
    if (!INTEGER.test(digits)) throw new UnwritableValueError('bigint');
    const number = Number(digits);
    return Number.isSafeInteger(number) ? writeInteger(number, start) : scratch.writeBigInt64BE(BigInt(digits), start);
  },
  timestamptz(value, at) {
    ensure(at + FIXED_BYTES);
    const start = scratch.writeInt32BE(8, at);
    const ms = integerOf(value, 'timestamptz') - EPOCH_MS;
    const microseconds = ms * 1_000;
    // 285 years from 2000 on, and before, are counted exactly without it.
    if (Number.isSafeInteger(microseconds)) return writeInteger(microseconds, start);
    return scratch.writeBigInt64BE(BigInt(ms) * 1_000n, start);
  },
  bytea(value, at) {
    if (typeof value !== 'string') throw new UnwritableValueError('bytea');
    const length = value.length / 2;
    ensure(at + LENGTH_BYTES + length);
    const start = scratch.writeInt32BE(length, at);
    if (scratch.write(value, start, 'hex') !== length) throw new UnwritableValueError('bytea');
    return start + length;
  },
  text: (value, at) => writeText(String(value), at, at + LENGTH_BYTES),
  jsonb(value, at) {
    ensure(at + LENGTH_BYTES + 1);
    scratch[at + LENGTH_BYTES] = JSONB_VERSION;
    return writeText(JSON.stringify(value), at, at + LENGTH_BYTES + 1);
  },
};

/** The length, which counts what stands between it and the text too, goes to `at`. */
function writeText(text: string, at: number, textAt: number): number {
  ensure(textAt + text.length * BYTES_PER_UNIT);
  const end = textAt + scratch.write(text, textAt);
  scratch.writeInt32BE(end - at - LENGTH_BYTES, at);
  return end;
}

/** As 64 bits with a sign. */
function writeInteger(value: number, at: number): number {
  const high = Math.floor(value / TWO_32);
  return scratch.writeUInt32BE(value - high * TWO_32, scratch.writeInt32BE(high, at));
}

function integerOf(value: unknown, type: ColumnType): number {
  const number = typeof value === 'number' ? value : Number(value);
  if (!Number.isSafeInteger(number)) throw new UnwritableValueError(type);
  return number;
}

function ensure(bytes: number): void {
  if (bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(Math.max(bytes, scratch.length * 2));
  scratch.copy(larger);
  scratch = larger;
}
