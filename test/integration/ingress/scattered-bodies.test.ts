import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { REFUSALS_A_MINUTE } from '@bbb-activity/app-ingress/refused-sources';
import { LEGACY_PATH } from '@bbb-activity/signatures/legacy-url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl } from '../../support/bbb-sender.js';
import { type IngressServer, startIngress } from '../../support/ingress-server.js';
import { until } from '../../support/until.js';

const MODERN_PATH = '/api/videoconference/callback';
const MIB = 1024 * 1024;
/** What a byte takes on the wire as a chunk of its own. */
const CHUNK = '1\r\na\r\n';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('a body that comes in very many pieces', () => {
  let ingress: IngressServer;
  /** Of the server. */
  const accepted: Socket[] = [];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    ingress = await startIngress();
    ingress.app.server.on('connection', (socket: Socket) => accepted.push(socket));
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    accepted.splice(0);
    await ingress.close();
  });

  /** The head of a request whose body comes in chunks. */
  function begin(path: string): Socket {
    const socket = connect(Number(new URL(ingress.address).port), '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    return socket;
  }
  const legacy = () => callbackUrl('');
  const lines = () => ingress.log.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('is held in little more than its bytes', async () => {
    const bodies = 20;
    const bytes = 4_000;
    for (let count = 0; count < bodies; count++) begin(legacy());
    await until('all are there', () => accepted.length === bodies);
    await until('their heads are read', () => accepted.every(({ bytesRead }) => bytesRead > 0));
    const before = held();
    const heads = accepted.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    for (const socket of sockets) socket.write(CHUNK.repeat(bytes));
    await until('all is read', () => {
      const read = accepted.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
      return read === heads + bodies * bytes * CHUNK.length;
    });
    // As pieces of their own they took 13 MiB.
    expect(held() - before).toBeLessThan(3 * MIB);
  });

  it('is taken where the pieces are few for its size, whatever their sizes', async () => {
    const body = bbbBody([bbbEvent('user-joined', { user_: { name: 'a'.repeat(40_000) } })]);
    const socket = begin(legacy());
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const sizes = [1, 2, 700, 1, 16_384, 3, 20_000];
    for (let at = 0, index = 0; at < body.length; index++) {
      const piece = body.slice(at, at + (sizes[index % sizes.length] ?? 1));
      socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
      at += piece.length;
    }
    socket.write('0\r\n\r\n');
    await until('it is answered', () => answer.includes('"ok"'));
    expect(answer).toContain('{"ok":true,"events":1,');
    const [event] = await ingress.queued(1);
    expect(event).toMatchObject({ kind: 'joined', person: { externalId: '42' } });
  });

  it.each([
    ['legacy', legacy, LEGACY_PATH],
    ['modern', () => MODERN_PATH, MODERN_PATH],
  ])('is given up long before its end, at the %s endpoint', async (_endpoint, url, path) => {
    const socket = begin(url());
    socket.write(CHUNK.repeat(MIB));
    await until('the connection is closed', () => accepted[0]?.destroyed);
    // What a socket gives at a time may be read once more.
    expect(accepted[0]?.bytesRead).toBeLessThan(4_096 * CHUNK.length + 4 * 64 * 1024);
    expect(lines()).toContainEqual(expect.objectContaining({ msg: 'delivery', path, status: 400, outcome: 'scattered_body' }));
    expect(await ingress.waiting()).toBe(0);
  });
});

describe('a connection that is closed in the middle of a body', () => {
  it('is no error of ingress, and a stranger who does it again and again fills no log', async () => {
    const ingress = await startIngress();
    try {
      const { port } = new URL(ingress.address);
      let closed = 0;
      ingress.app.server.on('connection', (socket: Socket) => socket.on('close', () => (closed += 1)));
      const tries = REFUSALS_A_MINUTE + 50;
      for (let count = 0; count < tries; count++) {
        const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
        socket.end(`POST ${MODERN_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf`);
      }
      await until('all are closed', () => closed === tries);
      const lines = ingress.log.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.filter(({ level }) => Number(level) >= 40).map(({ msg }) => msg)).toEqual([
        'too many requests from one source prove nothing: no more of them is logged this minute',
      ]);
      expect(lines.filter(({ outcome }) => outcome === 'broken_body')).toHaveLength(REFUSALS_A_MINUTE);
    } finally {
      await ingress.close();
    }
  });
});

/** Bytes that are in use once nothing else is. */
function held(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
