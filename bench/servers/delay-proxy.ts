import { connect, createServer, type Socket } from 'node:net';

export interface DelayProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** Types of the messages that make PostgreSQL run a statement (its manual, "Message Formats"): Execute and Query. */
const RUNS: ReadonlySet<number> = new Set(['E', 'Q'].map((type) => type.charCodeAt(0)));

/** Type and length; the length counts itself, and not the type. */
const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;

/**
 * Passes connections on to a local port, and lets each statement of a client wait `delayMs`, one after the other: a database that takes so much longer for
 * each. Those of other connections are not held up by it.
 */
export async function startDelayProxy(port: number, delayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port, noDelay: true });
    client.setNoDelay(true);
    const messages = new ClientMessages();
    const waiting: Buffer[] = [];
    let freeAt = 0;
    client.on('data', (piece) => {
      for (const { bytes, runs } of messages.take(piece)) {
        freeAt = Math.max(freeAt, performance.now()) + (runs ? delayMs : 0);
        // Timers of nearly the same time may end in another order; what they send does not.
        waiting.push(bytes);
        setTimeout(() => upstream.write(waiting.shift() ?? ''), freeAt - performance.now());
      }
    });
    upstream.pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

interface Part {
  readonly bytes: Buffer;
  /** Whether a statement is run by its last message. */
  readonly runs: boolean;
}

/** Cuts what a client sends behind each message that runs a statement. Only the first message of a connection has no type. */
class ClientMessages {
  #rest = Buffer.alloc(0);
  #isFirst = true;

  take(piece: Buffer): Part[] {
    const bytes = Buffer.concat([this.#rest, piece]);
    const parts: Part[] = [];
    let start = 0;
    let at = 0;
    for (;;) {
      const typeBytes = this.#isFirst ? 0 : TYPE_BYTES;
      if (at + typeBytes + LENGTH_BYTES > bytes.length) break;
      const end = at + typeBytes + bytes.readInt32BE(at + typeBytes);
      if (end > bytes.length) break;
      const runs = !this.#isFirst && RUNS.has(bytes[at] ?? 0);
      this.#isFirst = false;
      at = end;
      if (!runs) continue;
      parts.push({ bytes: bytes.subarray(start, at), runs });
      start = at;
    }
    if (at > start) parts.push({ bytes: bytes.subarray(start, at), runs: false });
    this.#rest = bytes.subarray(at);
    return parts;
  }
}
