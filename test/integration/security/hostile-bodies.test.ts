import { signModern } from '@bbb-activity/signatures/modern-header';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, nowSeconds, post } from '../../support/bbb-sender.js';
import { type IngressServer, KEYS, startIngress } from '../../support/ingress-server.js';

const MIB = 1024 * 1024;
const form = (text: string) => `domain=x&event=${encodeURIComponent(text)}&timestamp=${Date.now()}`;
const event = JSON.stringify(bbbEvent('user-joined'));
/** The event with a text in the place of its time. */
const timed = (time: string) => event.replace(/"ts":\d+/, `"ts":${time}`);
const laughs = Array.from({ length: 30 }, (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`).join('');
const named = '<event><name>user_joined</name></event><meetingID>m</meetingID><userID>1</userID>';

/** Signed rightly: whoever has a key may be mistaken or taken over. Named by what each has broken elsewhere. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['JSON of 20,000 levels', form('['.repeat(20_000) + ']'.repeat(20_000))],
  ['JSON of 20,000 levels without an end', form('{"a":'.repeat(20_000))],
  ['an event with a field of 900 levels', form(event.replace('"data":{', `"data":{"deep":${'['.repeat(900)}${']'.repeat(900)},`))],
  ['names of prototypes', form(`[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"data":${event}}]`)],
  ['names of prototypes in a form', `event=user_joined&meetingID=m&userID=1&__proto__[polluted]=1&constructor[prototype][polluted]=1`],
  ['1 MB of one number', form(`[${'1'.repeat(MIB)}]`)],
  ['1 MB of one number for a time', form(`[${timed('9'.repeat(MIB))}]`)],
  ['a number beyond all numbers for a time', form(`[${timed('1e999')}]`)],
  ['1 MB of zeros behind a point', form(`[${timed(`0.${'0'.repeat(MIB)}1`)}]`)],
  ['1 MB in one text', form(`["${'\\u0041'.repeat(MIB / 6)}"]`)],
  ['XML entities that grow', `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><webhook>${named}<x>&l30;</x></webhook>`],
  ['an external entity', `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><webhook>${named}<username>&x;</username></webhook>`],
  ['an external document type', `<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><webhook>${named}</webhook>`],
  ['a parameter entity', `<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><webhook>${named}</webhook>`],
  ['an inclusion', `<webhook xmlns:xi="http://www.w3.org/2001/XInclude">${named}<xi:include href="file:///etc/passwd" parse="text"/></webhook>`],
  ['an entity that nobody declared', `<webhook>${named}<username>&x;</username></webhook>`],
  ['1 MB of references', `<webhook>${named}<username>${'&lt;'.repeat(MIB / 4)}</username></webhook>`],
  ['XML of 20,000 levels', `<webhook>${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}</webhook>`],
  ['20,000 attributes', `<webhook ${Array.from({ length: 20_000 }, (_, n) => `a${n}="1"`).join(' ')}>${named}</webhook>`],
  ['64 KiB of brackets that open', '<'.repeat(65_536)],
  ['a form of 500,000 empty fields', '&'.repeat(500_000)],
  ['a form of 20,000 fields', Array.from({ length: 20_000 }, (_, n) => `f${n}=1`).join('&')],
  ['a form with one field 20,000 times', 'event=a&'.repeat(20_000)],
  ['a form with one nested field 20,000 times', 'payload[user][id][]=1&'.repeat(20_000)],
  ['a form name with 100,000 brackets', `a${'[b]'.repeat(100_000)}=1`],
  ['1 MB of broken escapes', `event=${'%'.repeat(MIB)}`],
  ['20,000 events in one delivery', form(`[${'{},'.repeat(19_999)}{}]`)],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0xd8]).toString('latin1')],
  ['nothing but NULs', '\0'.repeat(MIB)],
]; // biome-ignore format: a list

/** What parses a body in quadratic time takes minutes for one of these. */
const ANSWERED_WITHIN_MS = 20_000;

describe('a body that was made to do harm', () => {
  let ingress: IngressServer;
  beforeAll(async () => {
    ingress = await startIngress();
  });
  afterAll(() => ingress.close());

  const legacy = (body: Buffer) => post(callbackUrl(ingress.address), body);
  function modern(body: Buffer) {
    const timestamp = nowSeconds();
    const headers = {
      'x-chamilo-timestamp': String(timestamp),
      'x-chamilo-signature': signModern(timestamp, body, KEYS.KERNEL_SECRET),
    };
    return post(`${ingress.address}/api/videoconference/callback`, body, headers);
  }

  it.each(HOSTILE)(
    'is answered as any other, and what comes after it is taken: %s',
    { timeout: ANSWERED_WITHIN_MS },
    async (_what, text) => {
      const body = Buffer.from(text, 'latin1');
      expect((await legacy(body)).status).toBe(200);
      expect([200, 400]).toContain((await modern(body)).status);
      expect(await legacy(Buffer.from(bbbBody([bbbEvent('user-joined')])))).toMatchObject({ status: 200, json: { events: 1 } });
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
      expect(JSON.stringify(await ingress.queued(1))).not.toMatch(/root:|polluted|haha/);
      const lines = ingress.log.splice(0).map((line) => ({ line, ...(JSON.parse(line) as { level: number }) }));
      expect(lines.filter(({ level, line }) => level >= 50 || line.length > 4_096)).toEqual([]);
    },
  );
});
