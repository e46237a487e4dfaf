import { decodeRecords, encodeRecord } from '@bbb-activity/spool/record-format';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 12 });
const written = (all: readonly Uint8Array[]) => Buffer.concat(all.map(encodeRecord));
const plain = (all: readonly Uint8Array[]) => all.map((one) => Buffer.from(one).toString('hex'));

describe('records of the spool', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(payloads, (all) => {
        const bytes = written(all);
        const decoded = decodeRecords(bytes);
        expect(plain(decoded.payloads)).toEqual(plain(all));
        expect(decoded.end).toBe(bytes.length);
      }),
    );
  });

  it('torn anywhere, are read up to the last whole one', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), (all, at) => {
        const bytes = written(all);
        const torn = bytes.subarray(0, at % (bytes.length + 1));
        const decoded = decodeRecords(torn);
        const ends = all.map((_, index) => written(all.slice(0, index + 1)).length);
        const whole = ends.filter((end) => end <= torn.length);
        expect(plain(decoded.payloads)).toEqual(plain(all.slice(0, whole.length)));
        expect(decoded.end).toBe(whole.at(-1) ?? 0);
      }),
    );
  });

  it('with a byte changed anywhere, are read up to the one that it is in, and never otherwise than written', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, change) => {
        fc.pre(all.length > 0);
        const bytes = written(all);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ change;
        const before = all.filter((_, index) => written(all.slice(0, index + 1)).length <= place);
        expect(plain(decodeRecords(bytes).payloads)).toEqual(plain(before));
      }),
    );
  });

  it('followed by what was on the disk before, are read alone', () => {
    fc.assert(
      fc.property(payloads, fc.uint8Array({ maxLength: 200 }), (all, rest) => {
        const decoded = decodeRecords(Buffer.concat([written(all), rest]));
        expect(plain(decoded.payloads.slice(0, all.length))).toEqual(plain(all));
      }),
    );
  });

  it('are never empty, so that zeros which a file system left are no record', () => {
    expect(() => encodeRecord(new Uint8Array())).toThrow(RangeError);
    expect(decodeRecords(Buffer.alloc(64))).toEqual({ payloads: [], end: 0 });
  });
});
