import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';

/** Type and length, the length counting itself: the frame of what PostgreSQL's server says. */
const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;

/**
 * A TCP proxy before PostgreSQL with the worst of luck: the server ends each connection once it is ready for use, and what says the one and the other
 * arrives in one piece, so that a driver reads of the end before anybody was given the connection.
 */
export class FarewellProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  /** Whether it has that luck with connections that are made from now on. */
  strikes = true;
  #farewells = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  /** `url` is of the database behind it, and so is that of what it gives. */
  static async before(databaseUrl: string): Promise<{ readonly proxy: FarewellProxy; readonly url: string }> {
    const url = new URL(databaseUrl);
    const proxy = new FarewellProxy(new URL(databaseUrl));
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', listening));
    const address = proxy.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
    url.host = `127.0.0.1:${address.port}`;
    return { proxy, url: url.href };
  }

  /** Connections that ended so. */
  get farewells(): number {
    return this.#farewells;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }

  #accept(near: Socket): void {
    const far = connect(Number(this.#target.port), this.#target.hostname);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    }
    near.on('data', (data) => far.write(data));
    near.on('close', () => far.destroy());
    let unread = Buffer.alloc(0);
    let held: Buffer[] | null = null;
    let pid = 0;
    if (!this.strikes) return void far.on('data', (data) => near.write(data));
    far.on('data', (data) => {
      unread = Buffer.concat([unread, data]);
      for (let message = firstMessage(unread); message !== null; message = firstMessage(unread)) {
        unread = unread.subarray(message.length);
        const type = String.fromCharCode(message[0] ?? 0);
        // BackendKeyData names the server's process; ReadyForQuery ends the greeting.
        if (type === 'K') pid = message.readInt32BE(TYPE_BYTES + LENGTH_BYTES);
        if (held !== null) held.push(message);
        else if (type !== 'Z') near.write(message);
        else {
          held = [message];
          void this.#end(pid);
        }
      }
    });
    far.on('end', () => {
      if (held !== null) this.#farewells += 1;
      near.end(Buffer.concat(held ?? []));
    });
  }

  async #end(pid: number): Promise<void> {
    const client = new pg.Client({ connectionString: this.#target.href });
    await client.connect();
    await client.query('SELECT pg_terminate_backend($1)', [pid]);
    await client.end();
  }
}

function firstMessage(bytes: Buffer): Buffer | null {
  if (bytes.length < TYPE_BYTES + LENGTH_BYTES) return null;
  const length = TYPE_BYTES + bytes.readInt32BE(TYPE_BYTES);
  return bytes.length < length ? null : bytes.subarray(0, length);
}
