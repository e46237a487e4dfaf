import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, LEGACY_PATH, nowSeconds, post, withChecksum } from '../../support/bbb-sender.js';
import { type IngressServer, KEYS, startIngress } from '../../support/ingress-server.js';

const HOUR = 3_600;

describe('the signature of the legacy endpoint', () => {
  let ingress: IngressServer;
  const body = bbbBody([bbbEvent('user-joined')]);

  beforeAll(async () => {
    ingress = await startIngress();
  });
  afterAll(() => ingress.close());

  it.each([
    ['lacks au', `${LEGACY_PATH}?mid=&ts=1&sig=aa`, 400, 'missing_signature_fields'],
    ['lacks sig', `${LEGACY_PATH}?au=1&mid=&ts=1`, 400, 'missing_signature_fields'],
    ['has no query at all', LEGACY_PATH, 400, 'missing_signature_fields'],
    ['is wrong', `${LEGACY_PATH}?au=1&mid=&ts=${nowSeconds()}&sig=${'0'.repeat(64)}`, 403, 'bad_signature'],
  ])('refuses a URL that %s', async (_what, path, status, error) => {
    expect(await post(`${ingress.address}${path}`, body)).toMatchObject({ status, json: { ok: false, error } });
    expect(await ingress.waiting()).toBe(0);
  });

  it("refuses a URL that is signed for another meeting or another access URL's number", async () => {
    const url = callbackUrl(ingress.address, nowSeconds(), 'm1');
    expect(await post(url.replace('mid=m1', 'mid=m2'), body)).toMatchObject({ status: 403, json: { error: 'bad_signature' } });
    expect(await post(callbackUrl(ingress.address, nowSeconds(), '', 2), body)).toMatchObject({
      status: 403,
      json: { error: 'bad_signature' },
    });
  });

  it('refuses a URL of more than 15 minutes ago, and of more than 15 minutes ahead', async () => {
    for (const ts of [nowSeconds() - 901, nowSeconds() + 930]) {
      expect(await post(callbackUrl(ingress.address, ts), body)).toMatchObject({
        status: 403,
        json: { error: 'expired_signature' },
      });
    }
    expect(await ingress.waiting()).toBe(0);
  });

  it('takes an old URL where a checksum over the body, or the bearer, proves the delivery', async () => {
    const url = callbackUrl(ingress.address, nowSeconds() - HOUR);
    expect(await post(withChecksum(url, body), body)).toMatchObject({ status: 200, json: { ok: true, events: 1 } });
    expect(await post(withChecksum(url, body, 'parsed'), body)).toMatchObject({ status: 200, json: { ok: true, events: 1 } });
    expect(await post(url, body, { authorization: `Bearer ${KEYS.BBB_SECRET}` })).toMatchObject({
      status: 200,
      json: { ok: true, events: 1 },
    });
    expect(await ingress.queued(3)).toHaveLength(3);
  });

  it('does not take an old URL for a checksum over the constant, a wrong checksum, or a wrong bearer', async () => {
    const url = callbackUrl(ingress.address, nowSeconds() - HOUR);
    const expired = { status: 403, json: { error: 'expired_signature' } };
    expect(await post(withChecksum(url, body, 'constant'), body)).toMatchObject(expired);
    expect(await post(withChecksum(url, 'another body'), body)).toMatchObject(expired);
    expect(await post(url, body, { authorization: 'Bearer of-someone-else' })).toMatchObject(expired);
  });

  const MIB = 1024 * 1024;
  const unreadable: [string, (timestamp: number) => Buffer, string][] = [
    ['is no JSON', (timestamp) => Buffer.from(`domain=x&event=%5B%7B&timestamp=${timestamp}`), 'bad_json'],
    [
      'is no UTF-8',
      (timestamp) => Buffer.concat([Buffer.from('event='), Buffer.from([0xff]), Buffer.from(`&timestamp=${timestamp}`)]),
      'bad_utf8',
    ],
    ['is over the limit', (timestamp) => Buffer.from(`event=${'a'.repeat(8 * MIB)}&timestamp=${timestamp}`), 'body_too_large'],
  ];
  const proofs: [string, (url: string, body: Buffer) => [string, Record<string, string>]][] = [
    ['the bearer', (url) => [url, { authorization: `Bearer ${KEYS.BBB_SECRET}` }]],
    ['a checksum over the body', (url, sent) => [withChecksum(url, sent), {}]],
  ];
  for (const [what, make, noteOf] of unreadable) {
    for (const [proof, prove] of proofs) {
      it.each([
        ['an old URL', nowSeconds() - HOUR],
        ['a URL without time', null],
      ])(`answers 200 to a delivery that ${what} where ${proof} proves it, on %s`, async (_url, ts) => {
        const fresh = make(Date.now());
        const [url, headers] = prove(callbackUrl(ingress.address, ts), fresh);
        expect(await post(url, fresh, headers)).toMatchObject({ status: 200, json: { ok: true, note: noteOf } });
        const stale = make(Date.now() - HOUR * 1_000);
        const [staleUrl, staleHeaders] = prove(callbackUrl(ingress.address, ts), stale);
        expect(await post(staleUrl, stale, staleHeaders)).toMatchObject({ status: 403, json: { error: 'expired_signature' } });
      });
    }
  }

  it("judges a proven delivery's freshness by its own timestamp", async () => {
    const url = callbackUrl(ingress.address, nowSeconds() - HOUR);
    const stale = bbbBody([bbbEvent('user-joined')], Date.now() - HOUR * 1_000);
    expect(await post(withChecksum(url, stale), stale)).toMatchObject({ status: 403, json: { error: 'expired_signature' } });
  });

  it('takes a URL without time only where the delivery proves itself', async () => {
    const url = callbackUrl(ingress.address, null);
    expect(await post(url, body)).toMatchObject({ status: 400, json: { error: 'missing_signature_fields' } });
    expect(await post(withChecksum(url, body), body)).toMatchObject({ status: 200 });
    await ingress.queued(1);
  });

  it('knows the registered URL behind a proxy by PUBLIC_URL', async () => {
    const behind = await startIngress({ PUBLIC_URL: 'https://lms.example.org/' });
    try {
      const registered = callbackUrl('https://lms.example.org', nowSeconds() - HOUR);
      const sent = withChecksum(registered, body).replace('https://lms.example.org', behind.address);
      expect(await post(sent, body)).toMatchObject({ status: 200 });
    } finally {
      await behind.close();
    }
  });

  it('takes a URL without time that proves nothing only where the operator allows it', async () => {
    const lenient = await startIngress({ WEBHOOKS_ALLOW_UNTIMED: 'true' });
    try {
      expect(await post(callbackUrl(lenient.address, null), body)).toMatchObject({ status: 200, json: { events: 1 } });
    } finally {
      await lenient.close();
    }
  });

  it('verifies with the configured algorithm alone', async () => {
    const sha1 = await startIngress({ WEBHOOKS_HASH_ALGO: 'sha1' });
    try {
      expect(await post(callbackUrl(sha1.address), body)).toMatchObject({ status: 403, json: { error: 'bad_signature' } });
    } finally {
      await sha1.close();
    }
  });

  it('answers plugin_not_configured where it has no salt', async () => {
    const bare = await startIngress({ WEBHOOK_SALT: '', BBB_SECRET: '' });
    try {
      expect(await post(callbackUrl(bare.address), body)).toMatchObject({
        status: 500,
        json: { error: 'plugin_not_configured' },
      });
    } finally {
      await bare.close();
    }
  });

  it('answers 405 to every other method on both paths', async () => {
    for (const path of [LEGACY_PATH, '/api/videoconference/callback']) {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const response = await fetch(`${ingress.address}${path}`, { method });
        expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST']);
      }
      for (const method of ['TRACE', 'PROPFIND', 'MOVE']) {
        const status = await new Promise((done, fail) => {
          httpRequest(`${ingress.address}${path}`, { method }, (response) => done(response.resume().statusCode))
            .on('error', fail)
            .end();
        });
        expect([method, status]).toEqual([method, 405]);
      }
    }
  });

  it('writes neither signatures nor secrets into its log', async () => {
    const url = withChecksum(callbackUrl(ingress.address), body);
    await post(url, body, { authorization: `Bearer ${KEYS.BBB_SECRET}` });
    await ingress.queued(1);
    const { sig, checksum } = Object.fromEntries(new URL(url).searchParams);
    const log = ingress.log.join('');
    expect(log).toContain('"outcome":"accepted"');
    for (const secret of [...Object.values(KEYS), sig ?? '?', checksum ?? '?']) expect(log).not.toContain(secret);
  });
});
