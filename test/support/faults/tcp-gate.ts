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

/** One way of a connection. What waits to be passed on stands in order, with the moment in which it is due; null is the end. */
interface Way {
  readonly to: Socket;
  readonly waiting: { readonly piece: Buffer | null; readonly due: number }[];
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
  #delayed = 0;

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

  /** How many pieces it passed on late. */
  get delayed(): number {
    return this.#delayed;
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
      const way: Way = { to, waiting: [] };
      from.on('data', (piece: Buffer) => this.#pass(pair, way, piece));
      // The close that follows tells it to the other side.
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#pass(pair, way, null);
        if (client.destroyed && upstream.destroyed) this.#pairs.delete(pair);
      });
    }
  }

  /** Whatever the mode is by now, nothing overtakes what waits: it is one stream of bytes, and its end comes last. */
  #pass(pair: Pair, way: Way, piece: Buffer | null): void {
    // Who is behind a hole hears of no end either.
    if (pair.dead) return;
    const isSlow = this.#mode === 'slow';
    if (!isSlow && way.waiting.length === 0) {
      handOver(way.to, piece);
      return;
    }
    way.waiting.push({ piece, due: performance.now() + (isSlow ? this.#slowMs : 0) });
    if (way.waiting.length === 1) this.#waitFor(pair, way);
  }

  #waitFor(pair: Pair, way: Way): void {
    const [first] = way.waiting;
    if (first === undefined) return;
    setTimeout(
      () => {
        if (pair.dead) return;
        const now = performance.now();
        for (let [next] = way.waiting; next !== undefined && next.due <= now; [next] = way.waiting) {
          way.waiting.shift();
          this.#delayed += 1;
          handOver(way.to, next.piece);
        }
        this.#waitFor(pair, way);
      },
      Math.max(0, first.due - performance.now()),
    );
  }
}

/** Of a side that is gone already nothing is asked. The end comes behind what was written before. */
function handOver(to: Socket, piece: Buffer | null): void {
  if (piece === null) to.destroySoon();
  else if (to.writable) to.write(piece);
}
