import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What the network between two programs does: `open`, it passes everything on; `slow`, every piece `slowMs` later; `cut`, it ends every connection and takes
 * none; `hole`, it keeps every connection and passes nothing on, so that neither side hears of it.
 */
export type GateMode = 'open' | 'slow' | 'cut' | 'hole';

export interface GateOptions {
  /** Where it passes connections on to, on 127.0.0.1. */
  readonly upstream: number;
  /** Default 100. */
  readonly slowMs?: number;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** A pair that was in the hole: what it would have passed on is gone, so that it stays dead while new ones work. */
  dead: boolean;
}

/** A TCP proxy on a port of 127.0.0.1 that never changes, whatever becomes of the network behind it. */
export class TcpGate {
  readonly #server: Server;
  readonly #slowMs: number;
  readonly #pairs = new Set<Pair>();
  #upstream: number;
  #mode: GateMode = 'open';

  private constructor(options: GateOptions) {
    this.#upstream = options.upstream;
    this.#slowMs = options.slowMs ?? 100;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async open(options: GateOptions): Promise<TcpGate> {
    const gate = new TcpGate(options);
    await new Promise<void>((listening) => gate.#server.listen(0, '127.0.0.1', listening));
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the gate is closed');
    return address.port;
  }

  /** Connections that were in the hole stay dead when it is over: half-open, as after a firewall has forgotten them. */
  set mode(mode: GateMode) {
    this.#mode = mode;
    if (mode === 'cut') this.cutAll();
    if (mode === 'hole') for (const pair of this.#pairs) pair.dead = true;
  }

  /** New connections go there; those that there are stay where they are. */
  set upstream(port: number) {
    this.#upstream = port;
  }

  /** Ends the connections that there are. */
  cutAll(): void {
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }

  #accept(client: Socket): void {
    if (this.#mode === 'cut') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: this.#upstream, noDelay: true });
    client.setNoDelay(true);
    const pair: Pair = { client, upstream, dead: this.#mode === 'hole' };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (piece: Buffer) => this.#pass(pair, to, piece));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        // Who is behind a hole hears of no end either.
        if (!pair.dead) to.destroy();
        if (client.destroyed && upstream.destroyed) this.#pairs.delete(pair);
      });
    }
  }

  #pass(pair: Pair, to: Socket, piece: Buffer): void {
    if (pair.dead) return;
    if (this.#mode !== 'slow') {
      to.write(piece);
      return;
    }
    setTimeout(() => {
      if (!pair.dead && to.writable) to.write(piece);
    }, this.#slowMs);
  }
}
