import { createHash } from 'node:crypto';
import { signedCallbackUrl, splitChecksum, UnsignableBodyError, verifyBbbChecksum } from '@bbb-activity/signatures/bbb-checksum';
import { CHECKSUM_ALGORITHMS } from '@bbb-activity/signatures/checksum-algorithm';
import { EmptySecretError } from '@bbb-activity/signatures/secrets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const SECRET = 'bbb-shared-secret';
const CALLBACK = 'https://lms.example.com/plugin/Bbb/webhook.php?au=1&mid=&ts=1795471485&sig=ab';
const BODY = Buffer.from('domain=bbb.example.com&event=%5B%7B%22a%22%3A%22%C3%A9+b%22%7D%5D&timestamp=1795471485985');

function verify(url: string, rawBody = BODY, callbackUrls = [CALLBACK], secrets = [SECRET]) {
  return verifyBbbChecksum({ checksum: splitChecksum(url).checksum, callbackUrls, secrets, rawBody });
}

describe('the checksum of a BBB server', () => {
  it('verifies a delivery that bbb-webhooks 3.5.0 sent', () => {
    const callback =
      'http://127.0.0.1:3199/plugin/Bbb/webhook.php?au=1&mid=&ts=1795471485&sig=f1c079bba987b5f00c5f10c1d551008de7d04502aba1f0deaedcb17a4af00e7e';
    const body = Buffer.from(
      'domain=bbb.example.com&event=%5B%7B%22data%22%3A%7B%22type%22%3A%22event%22%2C%22id%22%3A%22user-joined%22%2C%22attributes%22%3A%7B%22meeting%22%3A%7B%22internal-meeting-id%22%3A%2200fb86738b42c835484f3e32248c1e89af9ed025-1795471485962%22%2C%22external-meeting-id%22%3A%22chamilo-f03rdfgypobc%22%7D%2C%22user%22%3A%7B%22internal-user-id%22%3A%22w_z7w1qit96bpn%22%2C%22external-user-id%22%3A%2243%22%2C%22name%22%3A%22Chlo%C3%A9+Martin%22%2C%22role%22%3A%22VIEWER%22%2C%22presenter%22%3Afalse%2C%22ip-address%22%3A%22192.0.2.7%22%2C%22user-agent%22%3A%22Mozilla%2F5.0%22%2C%22session-token%22%3A%22tokx359q0p0%22%2C%22guest%22%3Afalse%7D%7D%2C%22event%22%3A%7B%22ts%22%3A1795471486914%7D%7D%7D%5D&timestamp=1795471486916',
    );
    expect(verify(`${callback}&checksum=782ddd089e112d7fa92a8e893e47eff943ea97de`, body, ['https://other/', callback])).toEqual({
      outcome: 'valid',
      covers: 'body',
      callbackUrl: callback,
      algorithm: 'sha1',
    });
  });

  it.each(CHECKSUM_ALGORITHMS)('is told by its length to be %s', (algorithm) => {
    const checksum = createHash(algorithm).update(CALLBACK).update(BODY).update(SECRET).digest('hex');
    const url = signedCallbackUrl(CALLBACK, BODY, SECRET, { algorithm });
    expect(url).toBe(`${CALLBACK}&checksum=${checksum}`);
    expect(verify(url)).toEqual({ outcome: 'valid', covers: 'body', callbackUrl: CALLBACK, algorithm });
    expect(verify(url.replace(checksum, checksum.toUpperCase())).outcome).toBe('valid');
  });

  it('verifies what 2.x makes over its fields before they are encoded', () => {
    const fields = JSON.stringify({ event: '[{"a":"é b"}]', timestamp: 1795471485985, domain: 'bbb.example.com' });
    const checksum = createHash('sha1').update(`${CALLBACK}${fields}${SECRET}`).digest('hex');
    expect(verify(`${CALLBACK}&checksum=${checksum}`)).toMatchObject({ outcome: 'valid', covers: 'parsed' });
    expect(signedCallbackUrl(CALLBACK, BODY, SECRET, { covers: 'parsed' })).toBe(`${CALLBACK}&checksum=${checksum}`);
  });

  it('verifies the fields of the oldest senders, which tell no domain', () => {
    const checksum = createHash('sha1')
      .update(`${CALLBACK}${JSON.stringify({ event: '[]', timestamp: 5 })}${SECRET}`)
      .digest('hex');
    expect(verify(`${CALLBACK}&checksum=${checksum}`, Buffer.from('event=%5B%5D&timestamp=5'))).toMatchObject({
      covers: 'parsed',
    });
  });

  it('says where a checksum is the constant that proves nothing of this delivery', () => {
    const url = signedCallbackUrl(CALLBACK, 'anything', SECRET, { covers: 'constant' });
    expect(url).toBe(`${CALLBACK}&checksum=${createHash('sha1').update(`${CALLBACK}{}${SECRET}`).digest('hex')}`);
    expect(verify(url, Buffer.from('event=[]'))).toMatchObject({ outcome: 'valid', covers: 'constant' });
  });

  it('is bad for another body, secret, URL or length, and missing where there is none', () => {
    const url = signedCallbackUrl(CALLBACK, BODY, SECRET);
    expect(verify(url, Buffer.from('other')).outcome).toBe('bad');
    expect(verify(url, BODY, [CALLBACK], ['other', '']).outcome).toBe('bad');
    expect(verify(url, BODY, [`${CALLBACK}x`]).outcome).toBe('bad');
    expect(verify(url.slice(0, -1)).outcome).toBe('bad');
    expect(verify(`${CALLBACK}&checksum=${'z'.repeat(40)}`).outcome).toBe('bad');
    expect(verify(CALLBACK).outcome).toBe('missing');
    expect(verify(`${CALLBACK}&checksum=`).outcome).toBe('missing');
    const empty = createHash('sha1').update(CALLBACK).update(BODY).digest('hex');
    expect(verify(`${CALLBACK}&checksum=${empty}`, BODY, [CALLBACK], ['']).outcome).toBe('bad');
  });

  it('refuses to sign with an empty secret, or fields that are not there', () => {
    expect(() => signedCallbackUrl(CALLBACK, BODY, '')).toThrow(EmptySecretError);
    expect(() => signedCallbackUrl(CALLBACK, 'x=1', SECRET, { covers: 'parsed' })).toThrow(UnsignableBodyError);
  });

  it.each([
    ['https://h/p?checksum=ab', 'https://h/p', 'ab'],
    ['https://h/p?&checksum=ab', 'https://h/p?', 'ab'],
    ['https://h/p?a=%2f+b&checksum=AB', 'https://h/p?a=%2f+b', 'AB'],
    ['https://h/p?checksum=1&checksum=2', 'https://h/p?checksum=1', '2'],
    ['https://h/p?checksum=1&a=2', 'https://h/p?checksum=1&a=2', null],
    ['https://h/p?xchecksum=1', 'https://h/p?xchecksum=1', null],
    ['', '', null],
  ])('splits %s without touching a byte', (url, callbackUrl, checksum) => {
    expect(splitChecksum(url)).toEqual({ callbackUrl, checksum });
  });

  it('holds: splitting gives back the URL that was signed', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), (callback, body) => {
        const url = signedCallbackUrl(callback, body, SECRET);
        expect(splitChecksum(url).callbackUrl).toBe(callback);
        expect(verify(url, Buffer.from(body), [callback])).toMatchObject({ outcome: 'valid', covers: 'body' });
      }),
    );
  });
});
