import { canonicalText } from '@bbb-activity/events/event-identity';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bbbEvent, formBody, readOne, TS, USER } from './deliveries.js';

const joined = bbbEvent('user-joined');
const timeless = bbbEvent('user-joined', USER, {}, null);
const nameless = bbbEvent('user-joined', USER, { meeting: {} });

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

describe('the identity of an event', () => {
  const identity = (...args: Parameters<typeof readOne>) => readOne(...args).identity;

  it('is the same whatever the delivery around it', () => {
    const known = identity([joined]);
    expect(identity(formBody([joined], 5_000_000_000_000))).toBe(known);
    expect(identity({ events: [joined], timestamp: 9, domain: 'x' })).toBe(known);
    expect(identity({ ...joined, timestamp: 9, domain: 'x', checksum: 'y' })).toBe(known);
    expect(identity([joined], { mid: 'room', receivedAt: 5, requestId: 'other', contentType: 'text/xml' })).toBe(known);
    expect(identity(JSON.stringify([joined], null, 2))).toBe(known);
  });

  it('is another for another access URL or key', () => {
    expect(identity([joined], { accessUrlId: 2 })).not.toBe(identity([joined]));
    expect(identity([joined], { identityKey: Buffer.alloc(32, 8) })).not.toBe(identity([joined]));
  });

  it('counts the hook meeting only where the event names none', () => {
    expect(identity([nameless], { mid: 'a' })).not.toBe(identity([nameless], { mid: 'b' }));
    expect(identity([joined], { mid: 'a' })).toBe(identity([joined], { mid: 'b' }));
  });

  it('counts the time of the delivery only where the event has none', () => {
    expect(identity(formBody([timeless], TS))).toBe(identity(formBody([timeless], TS), { requestId: 'retry', receivedAt: 1 }));
    expect(identity(formBody([timeless], TS))).not.toBe(identity(formBody([timeless], TS + 1)));
  });

  it('counts the request and the place in it only where no time is told at all', () => {
    expect(identity([timeless])).toBe(identity([timeless], { receivedAt: 1 }));
    expect(identity([timeless])).not.toBe(identity([timeless], { requestId: 'other' }));
    expect(readOne([timeless]).identity).not.toBe(readOne(formBody([timeless])).identity);
  });

  it('counts what redaction takes away', () => {
    const message = (id: string, words: string) =>
      bbbEvent('chat-group-message-sent', null, { 'chat-message': { id, message: words, sender: USER } });
    expect(identity([message('1', 'a')])).not.toBe(identity([message('1', 'b')]));
    expect(identity([message('1', 'a')])).not.toBe(identity([message('2', 'a')]));
  });

  it('holds: the order of names does not count', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (more) => {
        const event = bbbEvent('user-joined', USER, { more });
        expect(identity([reversed(event)])).toBe(identity([event]));
      }),
    );
  });

  it('holds: two contents have one canonical text only if they are the same', () => {
    const sorted = (value: unknown) =>
      JSON.stringify(value, (_, inner: unknown) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(
              Object.entries(inner)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([k, v]) => [`k${k}`, v]),
            )
          : inner,
      );
    const value = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(canonicalText(a) === canonicalText(b)).toBe(sorted(a) === sorted(b));
      }),
      { numRuns: 500 },
    );
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`n${index}`, index]));
    expect(canonicalText(reversed(many))).toBe(canonicalText(many));
  });

  it.each([
    [['1"a'], ['1', 'a']],
    [['a', ''], ['a']],
    [[1, 2], [12]],
    [[null], ['null']],
    [[1], ['1']],
    [[[], []], [[[]]]],
    [{ a: 'b' }, ['a', 'b']],
    ['\ud800', '\ud801'],
  ])('tells %j from %j', (a, b) => {
    expect(canonicalText(a)).not.toBe(canonicalText(b));
    expect(identity([bbbEvent('user-joined', USER, { a })])).not.toBe(identity([bbbEvent('user-joined', USER, { a: b })]));
  });
});
