import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caddy, nginx, type ReverseProxy } from '../support/deploy/proxy.js';
import { until } from '../support/until.js';

const EXAMPLES = fileURLToPath(new URL('../../deploy/', import.meta.url));
const LEGACY = '/plugin/Bbb/webhook.php?au=1&mid=a%20b%2Bc&ts=17&sig=00ff&checksum=0a';

/** What a backend saw of a request. */
interface Seen {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly forwardedFor: string;
  readonly proto: string;
  readonly bytes: number;
}

describe.each([
  { name: 'nginx', make: nginx, example: 'nginx/bbb-activity.conf' },
  { name: 'Caddy', make: caddy, example: 'caddy/Caddyfile' },
])('the example of $name', ({ make, example }) => {
  let folder: string;
  let proxy: ReverseProxy;
  let process: ChildProcess;
  let https: string;
  let http: string;
  const backends: Server[] = [];
  /** What the stream of the dashboard does next. */
  let streamed = (): void => undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bbb-activity-proxy-'));
    const [ingress, dashboard] = [await backend('ingress'), await backend('dashboard')];
    http = String(await freePort());
    https = String(await freePort());
    proxy = await make(join(EXAMPLES, example), folder, { http, https, ingress, dashboard });
    process = proxy.start();
    await until('the proxy answers', () =>
      send('GET', '/').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });

  afterAll(async () => {
    const gone = new Promise((done) => process.once('exit', done));
    process.kill('SIGTERM');
    await gone;
    for (const server of backends) server.closeAllConnections();
    await Promise.all(backends.map((server) => new Promise((done) => server.close(done))));
    await rm(folder, { recursive: true, force: true });
  });

  /** Answers what it saw; of a stream the first line at once, and the rest when the test says so. */
  async function backend(name: string): Promise<string> {
    const server = createServer((incoming, answer) => {
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      incoming.on('end', () => {
        const { method = '', url = '', headers } = incoming;
        if (url.endsWith('/api/live')) {
          answer.writeHead(200, { 'content-type': 'text/event-stream' });
          answer.write('event: hello\n\n');
          streamed = () => answer.end();
          return;
        }
        const seen: Seen = {
          backend: name,
          method,
          url,
          forwardedFor: String(headers['x-forwarded-for']),
          proto: String(headers['x-forwarded-proto']),
          bytes,
        };
        answer.writeHead(url.includes('status=503') ? 503 : 200, { 'content-type': 'application/json', 'retry-after': '2' });
        answer.end(JSON.stringify(seen));
      });
    });
    backends.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return String((server.address() as AddressInfo).port);
  }

  function open(
    method: string,
    path: string,
    body: Buffer = Buffer.alloc(0),
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> {
    const options: RequestOptions = {
      host: '127.0.0.1',
      port: https,
      servername: 'events.example.org',
      // Made for the test, by nobody that is trusted.
      rejectUnauthorized: false,
      method,
      path,
      headers: { host: 'events.example.org', ...headers, 'content-length': String(body.length) },
    };
    return new Promise((done, fail) => request(options, done).once('error', fail).end(body));
  }

  async function send(method: string, path: string, body?: Buffer, headers?: Record<string, string>) {
    const answer = await open(method, path, body, headers);
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
    return { status: answer.statusCode ?? 0, headers: answer.headers, text, seen: () => JSON.parse(text) as Seen };
  }

  it('is right in the eyes of the program itself', async () => {
    expect(await proxy.check()).toMatch(/successful|Valid configuration/);
  });

  it.each([
    ['POST', LEGACY, 'ingress'],
    ['GET', '/plugin/Bbb/webhook.php', 'ingress'],
    ['POST', '/api/videoconference/callback', 'ingress'],
    ['GET', '/', 'dashboard'],
    ['GET', '/plugin/Bbb/webhook_dashboard.php/api/meetings?limit=3', 'dashboard'],
    ['GET', '/api/meetings', 'dashboard'],
    ['GET', '/admin/queues', 'dashboard'],
  ])('hands %s %s over to %s as it was sent', async (method, url, to) => {
    expect((await send(method, url)).seen()).toMatchObject({ backend: to, method, url, proto: 'https' });
  });

  it('tells the address of the caller, and not what the caller says of itself', async () => {
    const answer = await send('POST', LEGACY, Buffer.from('{}'), { 'x-forwarded-for': '203.0.113.9' });
    expect(answer.seen().forwardedFor).toBe('127.0.0.1');
  });

  it('passes a body on that is larger than ingress reads, and an answer of 503 with its Retry-After', async () => {
    expect((await send('POST', LEGACY, Buffer.alloc(9 * 1024 * 1024, 'a'))).seen().bytes).toBe(9 * 1024 * 1024);
    expect(await send('POST', `${LEGACY}&status=503`)).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
  });

  it('passes server-sent events on while the stream is still open', async () => {
    for (const url of ['/api/live', '/plugin/Bbb/webhook_dashboard.php/api/live']) {
      const stream = (await open('GET', url)).setEncoding('utf8');
      const [first] = (await stream.iterator({ destroyOnReturn: false }).next()).value.split('\n');
      expect(first).toBe('event: hello');
      streamed();
      stream.resume();
    }
  });

  it('keeps health to the machine, and sends people from http to https', async () => {
    expect((await send('GET', '/readyz')).status).toBe(404);
    expect((await send('GET', '/healthz')).status).toBe(404);
    const plain = await fetch(`http://127.0.0.1:${http}/`, { redirect: 'manual', headers: { host: 'events.example.org' } });
    expect([301, 308]).toContain(plain.status);
  });
});
