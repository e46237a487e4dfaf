import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '@bbb-activity/app-standalone/free-port';

/** A TCP link to a store that can be cut, or held so that nothing passes and nothing is told. */
export class BreakableLink {
  readonly #target: { host: string; port: number };
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #held = false;

  private constructor(target: { host: string; port: number }, port: number) {
    this.#target = target;
    this.#port = port;
  }

  static async to(url: string): Promise<{ link: BreakableLink; url: string }> {
    const through = new URL(url);
    const link = new BreakableLink({ host: through.hostname, port: Number(through.port) }, await freePort());
    await link.mend();
    through.hostname = '127.0.0.1';
    through.port = String(link.#port);
    return { link, url: through.href };
  }

  async mend(): Promise<void> {
    this.#held = false;
    for (const socket of this.#sockets) socket.resume();
    if (this.#server !== undefined) return;
    const server = createServer((near) => {
      const far = connect(this.#target);
      for (const [from, into] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (data) => into.write(data));
        from.on('error', () => into.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          into.destroy();
        });
        if (this.#held) from.pause();
      }
    });
    await new Promise<void>((listening) => server.listen(this.#port, '127.0.0.1', listening));
    this.#server = server;
  }

  hold(): void {
    this.#held = true;
    for (const socket of this.#sockets) socket.pause();
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((done) => (server === undefined ? done() : server.close(() => done())));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
