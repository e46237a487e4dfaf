import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

/** A POST as it arrived at the {@link Receiver}. */
export interface Received {
  /** Unix ms. */
  readonly at: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  /** Whether both signatures are right, by the receiver's own computation. */
  readonly genuine: boolean;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** The greatest number of requests that were unanswered at once. */
  mostAtOnce(): number;
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  readonly salt: string;
  readonly sharedSecret: string;
  readonly accessUrlId?: number;
  readonly hmac?: string;
  readonly checksum?: string;
  /** The status for a request, or null for no answer at all; `times` counts arrivals of that body, from 1. */
  readonly answer?: (body: string, times: number) => number | null | Promise<number | null>;
}

/** A real HTTP server on 127.0.0.1 that writes down what arrives and answers as it is told. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const received: Received[] = [];
  const times = new Map<string, number>();
  let waiting = 0;
  let mostAtOnce = 0;
  const server = createServer(async (request, response) => {
    waiting += 1;
    mostAtOnce = Math.max(mostAtOnce, waiting);
    const body = await readBody(request);
    const count = (times.get(body) ?? 0) + 1;
    times.set(body, count);
    const origin = `http://${request.headers.host}`;
    received.push({
      at: Date.now(),
      body,
      headers: request.headers,
      genuine: isGenuine(request.method, `${origin}${request.url}`, body, options),
    });
    const status = await (options.answer ?? (() => 200))(body, count);
    waiting -= 1;
    if (status !== null) response.writeHead(status).end('{"ok":true}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    mostAtOnce: () => mostAtOnce,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function isGenuine(method: string | undefined, href: string, body: string, options: ReceiverOptions): boolean {
  const { pathname, searchParams } = new URL(href);
  const [callbackUrl, checksum] = href.split('&checksum=');
  const au = options.accessUrlId ?? 1;
  const ts = Number(searchParams.get('ts'));
  const sig = createHmac(options.hmac ?? 'sha256', options.salt)
    .update(`${au}||${ts}`)
    .digest('hex');
  const hash = createHash(options.checksum ?? 'sha1').update(`${callbackUrl}${body}${options.sharedSecret}`);
  return (
    method === 'POST' &&
    pathname === '/plugin/Bbb/webhook.php' &&
    [...searchParams.keys()].join() === 'au,mid,ts,sig,checksum' &&
    searchParams.get('mid') === '' &&
    Math.abs(Date.now() / 1_000 - ts) < 60 &&
    searchParams.get('sig') === sig &&
    checksum === hash.digest('hex')
  );
}
