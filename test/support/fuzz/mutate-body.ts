import type { SeededRandom } from '@bbb-activity/simulator/seeded-random';
import type { FuzzBody } from './valid-bodies.js';

/** What has broken readers elsewhere: of prototypes, numbers, nesting, escapes, texts, XML and forms. */
const TOKENS = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '{"__proto__":{"a":1}}', '[__proto__][a]=1', '[constructor][prototype]',
  '1e309', '-1e309', '1e-400', '-0', '9007199254740993', '99999999999999999999999', 'NaN', 'null', 'true', '""', '{}', '[]', '[[', '{{', ']', '}', ',', ':', '"',
  '\\', '\\u0000', '\\ud800', '\\udc00', '\0', '\ufeff', '\u2028', '\ufffe', '\u{1f600}', '\u0301', '%', '%0', '%00', '%zz', '%ff', '%c0%80', '%ed%a0%80', '%5B', '%5D', '+', '&', '&&', '=', '[', '[]', '][', '[a]',
  '<', '>', '</', '/>', '<a>', '</a>', '<!--', '-->', '<![CDATA[', ']]>', '<?x', '?>', '<!DOCTYPE a [<!ENTITY b "c">]>', '&b;', '&lt;', '&#0;', '&#x110000;', '&#xd800;', '&#', '&amp;amp;', 'xmlns=""',
  'event', 'events', 'data', 'attributes', 'timestamp', 'meetingID', 'provider', 'meeting_id', 'access_url_id',
]; // biome-ignore format: a list of words
const RAW = [
  Buffer.from([0xff]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0x00]),
];
const LARGEST = 256 * 1024;

type Mutation = (random: SeededRandom, bytes: Buffer, all: readonly FuzzBody[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBits(random, bytes) {
    const changed = Buffer.from(bytes);
    for (const at of random.integers(4, 0, changed.length - 1)) changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(0, 7));
    return changed;
  },
  function cutOut(random, bytes) {
    const [from, to] = slice(random, bytes);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function breakOff(random, bytes) {
    return bytes.subarray(0, random.integer(0, bytes.length));
  },
  function putToken(random, bytes) {
    const at = random.integer(0, bytes.length);
    const token = random.chance(0.9) ? Buffer.from(random.pick(TOKENS)) : random.pick(RAW);
    return Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at)]);
  },
  function overwriteByToken(random, bytes) {
    const [from, to] = slice(random, bytes, 24);
    return Buffer.concat([bytes.subarray(0, from), Buffer.from(random.pick(TOKENS)), bytes.subarray(to)]);
  },
  function repeatSlice(random, bytes) {
    const [from, to] = slice(random, bytes, 64);
    const part = bytes.subarray(from, to);
    const most = random.chance(0.1) ? LARGEST : 2_000;
    const times = Math.floor(random.integer(1, most) / Math.max(part.length, 1));
    return Buffer.concat([bytes.subarray(0, from), ...Array<Buffer>(times).fill(part), bytes.subarray(from)]);
  },
  function repeatToken(random, bytes) {
    const token = random.pick(TOKENS);
    const most = random.chance(0.1) ? LARGEST : 2_000;
    const at = random.integer(0, bytes.length);
    const many = Buffer.from(token.repeat(Math.floor(random.integer(1, most) / token.length)));
    return Buffer.concat([bytes.subarray(0, at), many, bytes.subarray(at)]);
  },
  function splice(random, bytes, all) {
    const other = random.pick(all).bytes;
    const [from, to] = slice(random, other);
    const at = random.integer(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
  },
  function changeDigits(random, bytes) {
    const number = random.pick(['0', '-1', '1e400', '0.5', '"1"', '253402300800000', '9'.repeat(random.integer(1, 400))]);
    return Buffer.from(
      bytes.toString('latin1').replace(/\d+/g, (digits) => (random.chance(0.3) ? number : digits)),
      'latin1',
    );
  },
  function changeValue(random, bytes) {
    const value = JSON.stringify(
      random.pick<unknown>([null, true, [], {}, [[]], 0, -1, 1e308, '', 'x'.repeat(300), { a: { b: {} } }]),
    );
    const text = bytes.toString('latin1');
    return Buffer.from(
      text.replace(/:"[^"]*"/g, (found) => (random.chance(0.2) ? `:${value}` : found)),
      'latin1',
    );
  },
];

/** A body that is almost right: another one for each state of `random`. */
export function mutateBody(random: SeededRandom, all: readonly FuzzBody[]): FuzzBody {
  const { form, bytes } = random.pick(all);
  let changed = bytes;
  const times = random.integer(1, 5);
  for (let count = 0; count < times && changed.length <= LARGEST * 2; count++)
    changed = random.pick(MUTATIONS)(random, changed, all);
  return { form, bytes: changed };
}

function slice(random: SeededRandom, bytes: Buffer, most = bytes.length): readonly [number, number] {
  const from = random.integer(0, bytes.length);
  return [from, Math.min(bytes.length, from + random.integer(0, most))];
}
