import type { Socket } from 'node:net';
import { LEGACY_PATH } from '@bbb-activity/signatures/legacy-url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, post } from '../../support/bbb-sender.js';
import { type IngressServer, startIngress } from '../../support/ingress-server.js';
import { open, sendRaw } from '../../support/raw-request.js';
import { ADMIN_TOKEN, DashboardPlace } from '../dashboard/dashboard-place.js';

const body = bbbBody([bbbEvent('user-joined')]);
const IDLE = 500;

describe('a request to ingress that was made to do harm', () => {
  let ingress: IngressServer;
  beforeAll(async () => {
    ingress = await startIngress();
  });
  afterAll(() => ingress.close());

  const target = () => callbackUrl('');
  const head = (lines: readonly string[]) => `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;
  const withBody = (first: string, ...headers: string[]) =>
    head([first, 'Host: x', `Content-Length: ${body.length}`, ...headers]) + body;
  const taken = async () => expect(await post(callbackUrl(ingress.address), body)).toMatchObject({ status: 200 });

  it.each<[string, (url: string) => string, readonly number[]]>([
    ['one header of 64 KiB', (url) => withBody(`POST ${url} HTTP/1.1`, `X-A: ${'a'.repeat(65_536)}`), [431]],
    ['headers of 64 KiB together', (url) => withBody(`POST ${url} HTTP/1.1`, ...many(3_000)), [431]],
    ['a query of 64 KiB', (url) => withBody(`POST ${url}&x=${'a'.repeat(65_536)} HTTP/1.1`), [431]],
    ['two lengths', (url) => withBody(`POST ${url} HTTP/1.1`, 'Content-Length: 0'), [400]],
    ['a length beside chunks', (url) => withBody(`POST ${url} HTTP/1.1`, 'Transfer-Encoding: chunked'), [400]],
    ['chunks under another name', (url) => withBody(`POST ${url} HTTP/1.1`, 'Transfer-Encoding: xchunked'), [400]],
    ['a negative length', (url) => `${head([`POST ${url} HTTP/1.1`, 'Host: x', 'Content-Length: -1'])}${body}`, [400]],
    ['a header that goes on in the next line', (url) => withBody(`POST ${url} HTTP/1.1`, 'X-A: a\r\n b: c'), [400]],
    ['a chunk that is longer than numbers are', (url) => chunked(url, 'ffffffffffffffffff\r\n'), [400]],
    ['a chunk with an endless extension', (url) => chunked(url, `1;${'a'.repeat(100_000)}\r\n`), [400]],
    ['no HTTP', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
  ])('is refused before anything reads it: %s', async (_what, make, statuses) => {
    const answer = await sendRaw(ingress.address, make(target()));
    expect(answer.statuses).toEqual(statuses);
    await taken();
    await ingress.queued(1);
  });

  function chunked(url: string, chunk: string): string {
    return `POST ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`;
  }

  it.each([
    '/plugin/Bbb/../Bbb/webhook.php',
    '/plugin/Bbb/%2e%2e/Bbb/webhook.php',
    '/plugin//Bbb/webhook.php',
    '//plugin/Bbb/webhook.php',
    '/./plugin/Bbb/webhook.php',
    '/plugin/Bbb/webhook.php/',
    '/plugin/Bbb/webhook.php/x',
    '/plugin/Bbb/webhook.php%00',
    '/plugin/Bbb%2fwebhook.php',
    '/plugin\\Bbb\\webhook.php',
    '/PLUGIN/BBB/WEBHOOK.PHP',
    '/plugin/Bbb/webhook.php;x=1',
    '/../../etc/passwd',
    '/%c0%ae%c0%ae/etc/passwd',
    '/%',
  ])('reaches no endpoint by another path: %s', async (path) => {
    const query = target().slice(LEGACY_PATH.length);
    const { statuses, text } = await sendRaw(ingress.address, withBody(`POST ${path}${query} HTTP/1.1`));
    expect([400, 404]).toContain(statuses[0]);
    expect(text).not.toMatch(/root:|"ok":true/);
    expect(await ingress.waiting()).toBe(0);
  });

  it('is not heard of in the log by the secrets of its address, whatever is wrong with it', async () => {
    const query = target().slice(LEGACY_PATH.length);
    const sig = /sig=([0-9a-f]+)/.exec(query)?.[1] ?? '?';
    await sendRaw(ingress.address, withBody(`POST /elsewhere${query} HTTP/1.1`));
    await sendRaw(ingress.address, withBody(`POST /%${query} HTTP/1.1`));
    await sendRaw(ingress.address, withBody(`GET ${target()} HTTP/1.1`));
    await sendRaw(ingress.address, withBody(`POST ${target()} HTTP/1.1`, 'Content-Length: 0'));
    expect(ingress.log.join('')).not.toContain(sig);
  });

  it(`is served beside ${IDLE} connections that send nothing, and as many that send half a head`, async () => {
    const sockets: Socket[] = [];
    try {
      for (let count = 0; count < IDLE; count++) {
        const half = open(ingress.address);
        half.write('POST / HTTP/1.1\r\nHost:');
        sockets.push(open(ingress.address), half);
      }
      await Promise.all(sockets.map((socket) => new Promise<void>((there) => socket.on('connect', () => there()))));
      await taken();
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await ingress.queued(1);
  });
});

describe('a path to the dashboard that was made to do harm', () => {
  let place: DashboardPlace;
  let address: string;
  beforeAll(async () => {
    place = await DashboardPlace.create();
    address = await place.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => place.close());

  const PLATFORM = '/plugin/Bbb/webhook_dashboard.php';
  it.each([
    '/api/../api/meetings',
    '//api/meetings',
    '/api//meetings',
    '/api/%6deetings',
    '/API/meetings',
    '/api/meetings/',
    '/api/meetings;a',
    '/api/meetings%00',
    '/api/meetings%2f..%2fsystem',
    `${PLATFORM}//api/meetings`,
    `${PLATFORM}/../api/meetings`,
    `${PLATFORM}${PLATFORM}/api/meetings`,
    `${PLATFORM}x/api/meetings`,
    '/admin/queues/..%2f..%2fapi%2fmeetings',
    '/admin//queues',
    '/admin/queues/%2e%2e/%2e%2e/api/meetings',
    '/assets/../../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/..%5c..%5cpackage.json',
    'http://elsewhere.example.org/api/meetings',
  ])('opens nothing without a login, and no file: %s', async (path) => {
    const { statuses, text } = await sendRaw(address, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect([303, 400, 401, 404]).toContain(statuses[0]);
    expect(text).not.toMatch(/"items"|workspaces|elsewhere/);
  });

  it('is none of the rules: with a token the same address of a route is its route', async () => {
    const { status } = await fetch(`${address}/api/meetings`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect(status).toBe(200);
  });
});

function many(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `X-${number}: ${'a'.repeat(16)}`);
}
