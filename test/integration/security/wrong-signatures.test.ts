import { createHash, createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { signedCallbackUrl } from '@bbb-activity/signatures/bbb-checksum';
import { signedLegacyQuery, signLegacyUrl } from '@bbb-activity/signatures/legacy-url';
import { signModern } from '@bbb-activity/signatures/modern-header';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, LEGACY_PATH, nowSeconds, post } from '../../support/bbb-sender.js';
import { type IngressServer, KEYS, startIngress } from '../../support/ingress-server.js';
import { until } from '../../support/until.js';

const MODERN_PATH = '/api/videoconference/callback';
const { WEBHOOK_SALT, BBB_SECRET, KERNEL_SECRET } = KEYS;
const HOUR = 3_600;
const body = bbbBody([bbbEvent('user-joined')]);

/** Each is a way in which a signature can be wrong although whoever made it had most of what it takes. */
describe('a signature that is almost right', () => {
  let ingress: IngressServer;
  beforeAll(async () => {
    ingress = await startIngress();
  });
  afterAll(() => ingress.close());

  const legacy = (query: string) => `${ingress.address}${LEGACY_PATH}?${query}`;
  const now = nowSeconds();
  const subject = { accessUrlId: 1, meetingId: 'm1', timestamp: now };
  const sig = signLegacyUrl(subject, WEBHOOK_SALT);
  const query = (signature: string, time: number | string = now) => `au=1&mid=m1&ts=${time}&sig=${signature}`;
  const text = `1|m1|${now}`;

  it.each<[string, string, number]>([
    ['of another algorithm that is allowed elsewhere', query(signLegacyUrl(subject, WEBHOOK_SALT, 'sha1')), 403],
    ['of an algorithm that is never allowed', query(createHmac('md5', WEBHOOK_SALT).update(text).digest('hex')), 403],
    ['that is a hash without a key', query(createHash('sha256').update(`${text}${WEBHOOK_SALT}`).digest('hex')), 403],
    ['cut short', query(sig.slice(0, -2)), 403],
    ['cut to nothing', query(''), 400],
    ['with more behind it', query(`${sig}00`), 403],
    ['with a line end behind it', query(`${sig}%0A`), 403],
    ['in base64', query(encodeURIComponent(Buffer.from(sig, 'hex').toString('base64'))), 403],
    ['with 0x before it', query(`0x${sig.slice(2)}`), 403],
    ['with digits of another script', query(sig.replace(/\d/, '٣')), 403],
    ['by the secret of the server in place of the salt', query(signLegacyUrl(subject, BBB_SECRET)), 403],
    ['by the secret of the modern endpoint', query(signLegacyUrl(subject, KERNEL_SECRET)), 403],
    ['by no key', query(createHmac('sha256', '').update(text).digest('hex')), 403],
    ['of another meeting', query(signLegacyUrl({ ...subject, meetingId: 'm2' }, WEBHOOK_SALT)), 403],
    ['of another access URL', query(signLegacyUrl({ ...subject, accessUrlId: 2 }, WEBHOOK_SALT)), 403],
    ['of another time', query(sig, now + 1), 403],
    ['whose time is written otherwise', query(sig, `0${now}`), 403],
    ['without its time', `au=1&mid=m1&sig=${sig}`, 403],
    ['without its access URL', `mid=m1&ts=${now}&sig=${sig}`, 400],
    ['doubled', `${query(sig)}&sig=${sig}`, 403],
    ['beside a doubled meeting', `${query(sig)}&mid=m2`, 403],
    ['beside a doubled access URL', `au=2&${query(sig)}`, 403],
    ['beside a doubled time', `${query(sig)}&ts=${now + 60}`, 403],
    ['with names in capitals', query(sig).replace('sig=', 'SIG='), 400],
    ['whose parts are moved between fields', `au=1&mid=m1|${now}&sig=${signLegacyUrl(subject, WEBHOOK_SALT)}`, 403],
    ['replayed after its window', signedLegacyQuery({ ...subject, timestamp: now - 905 }, WEBHOOK_SALT), 403],
    ['of the future', signedLegacyQuery({ ...subject, timestamp: now + HOUR }, WEBHOOK_SALT), 403],
    [
      'without time, of which nothing else proves anything',
      signedLegacyQuery({ ...subject, timestamp: null }, WEBHOOK_SALT),
      400,
    ],
  ])('opens no legacy URL: one %s', async (_what, wrong, status) => {
    expect(await post(legacy(wrong), body)).toMatchObject({ status, json: { ok: false } });
    expect(await ingress.waiting()).toBe(0);
  });

  it('opens no legacy URL by its order, nor by the case of its digits: those are no part of it', async () => {
    for (const right of [`sig=${sig}&ts=${now}&mid=m1&au=1`, query(sig.toUpperCase()), `${query(sig)}&other=1`])
      expect(await post(legacy(right), body)).toMatchObject({ status: 200, json: { events: 1 } });
    await ingress.queued(3);
  });

  /** The signature of the URL is right and old, so that the delivery has to prove itself. */
  const old = `http://bbb.example.org${LEGACY_PATH}?${signedLegacyQuery({ ...subject, timestamp: now - HOUR }, WEBHOOK_SALT)}`;
  const digest = (algorithm: string, ...parts: string[]) => createHash(algorithm).update(parts.join('')).digest('hex');
  const checksum = (told: string) => `${old}&checksum=${told}`;
  const right = digest('sha1', old, body, BBB_SECRET);

  it.each<[string, string]>([
    ['of the constant, which anybody can replay', checksum(digest('sha1', old, '{}', BBB_SECRET))],
    ['of another body', signedCallbackUrl(old, `${body} `, BBB_SECRET)],
    ['by another secret', signedCallbackUrl(old, body, WEBHOOK_SALT)],
    ['of another URL', checksum(digest('sha1', old.replace('mid=m1', 'mid=m2'), body, BBB_SECRET))],
    ['of an algorithm that is not BigBlueButton’s', checksum(digest('md5', old, body, BBB_SECRET))],
    ['of one algorithm with the length of another', checksum(digest('sha256', old, body, BBB_SECRET).slice(0, 40))],
    ['as an HMAC', checksum(createHmac('sha1', BBB_SECRET).update(`${old}${body}`).digest('hex'))],
    ['cut short', checksum(right.slice(0, -1))],
    ['in base64', checksum(encodeURIComponent(Buffer.from(right, 'hex').toString('base64')))],
    ['doubled', `${checksum(right)}&checksum=${right}`],
    ['that is not the last parameter', `${checksum(right)}&x=1`],
    ['that is empty', checksum('')],
  ])('proves no delivery: a checksum %s', async (_what, url) => {
    const { pathname, search } = new URL(url);
    const answer = await post(`${ingress.address}${pathname}${search}`, body, { host: 'bbb.example.org' });
    expect(answer.status).toBe(403);
    expect(await ingress.waiting()).toBe(0);
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    `Basic ${BBB_SECRET}`,
    BBB_SECRET,
    `Bearer ${BBB_SECRET}x`,
    `Bearer ${WEBHOOK_SALT}`,
    `Bearer ${BBB_SECRET}, Bearer x`,
  ])('proves no delivery: the bearer "%s"', async (authorization) => {
    const { search } = new URL(old);
    expect((await post(`${ingress.address}${LEGACY_PATH}${search}`, body, { authorization })).status).toBe(403);
  });

  it('proves no delivery of an hour ago or ahead, though all of it is right', async () => {
    const { search } = new URL(old);
    for (const at of [Date.now() - HOUR * 1_000, Date.now() + HOUR * 1_000]) {
      const stale = bbbBody([bbbEvent('user-joined')], at);
      const headers = { authorization: `Bearer ${BBB_SECRET}` };
      expect((await post(`${ingress.address}${LEGACY_PATH}${search}`, stale, headers)).status).toBe(403);
    }
    expect(await ingress.waiting()).toBe(0);
  });

  const told = JSON.stringify({ provider: 'bbb', meeting_id: 'm1', participant_id: 5, action: 'join', timestamp: now });
  const modern = signModern(now, told, KERNEL_SECRET);
  const headersOf = (signature: string, time: number | string = now) => ({
    'x-chamilo-timestamp': String(time),
    'x-chamilo-signature': signature,
  });

  it.each<[string, Record<string, string>]>([
    ['of another algorithm', headersOf(createHmac('sha1', KERNEL_SECRET).update(`${now}\n${told}`).digest('hex'))],
    ['of the longer sort', headersOf(createHmac('sha512', KERNEL_SECRET).update(`${now}\n${told}`).digest('hex'))],
    ['of the body alone', headersOf(createHmac('sha256', KERNEL_SECRET).update(told).digest('hex'))],
    ['of the body first', headersOf(createHmac('sha256', KERNEL_SECRET).update(`${told}\n${now}`).digest('hex'))],
    ['of a body that is written otherwise', headersOf(signModern(now, JSON.stringify(JSON.parse(told), null, 1), KERNEL_SECRET))],
    ['by the salt of the other endpoint', headersOf(signModern(now, told, WEBHOOK_SALT))],
    ['by no key', headersOf(createHmac('sha256', '').update(`${now}\n${told}`).digest('hex'))],
    ['cut short', headersOf(modern.slice(0, -2))],
    ['of another version', headersOf(`v2=${modern}`)],
    ['with two versions', headersOf(`v1=v1=${modern}`)],
    ['in base64', headersOf(Buffer.from(modern, 'hex').toString('base64'))],
    ['of another time', headersOf(modern, now + 1)],
    ['whose time is in ms', headersOf(signModern(now * 1_000, told, KERNEL_SECRET), now * 1_000)],
    ['replayed after its window', headersOf(signModern(now - 305, told, KERNEL_SECRET), now - 305)],
    ['of the future', headersOf(signModern(now + HOUR, told, KERNEL_SECRET), now + HOUR)],
    ['without its time', { 'x-chamilo-signature': modern }],
    ['that is not there', { 'x-chamilo-timestamp': String(now) }],
  ])('has the modern endpoint take nothing: one %s', async (_what, headers) => {
    const answer = await post(`${ingress.address}${MODERN_PATH}`, told, { 'content-type': 'application/json', ...headers });
    expect([answer.status, answer.json]).toEqual([200, { ok: true }]);
    expect(await ingress.waiting()).toBe(0);
  });

  it('has the modern endpoint take nothing where a header of it is doubled', async () => {
    const socket = connect(Number(new URL(ingress.address).port), '127.0.0.1').setEncoding('utf8');
    let answer = '';
    socket.on('data', (piece: string) => {
      answer += piece;
    });
    const head = [
      `POST ${MODERN_PATH} HTTP/1.1`,
      'Host: x',
      `Content-Length: ${told.length}`,
      `X-Chamilo-Timestamp: ${now}`,
      `X-Chamilo-Signature: ${modern}`,
      `X-Chamilo-Signature: ${modern}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${told}`);
    await until('it is answered', () => answer.includes('{"ok":true}'));
    socket.destroy();
    expect(await ingress.waiting()).toBe(0);
  });
});
