import { connect, type Socket } from 'node:net';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export type Answered = (status: number | Error) => void;

const TIMEOUT_MS = 30_000;

/**
 * One HTTP/1.1 connection with one request at a time, with no more of HTTP than a bench's answers need: a client that costs as much CPU as the
 * server would halve what is measured (docs/decisions/bench.md).
 */
export class Connection {
  readonly #socket: Socket;
  #answered: Answered | undefined;
  #text = '';
  #closed = false;

  /** `localAddress`: where many connections in a row would use up one address's ports. */
  constructor({ host, port }: Target, localAddress?: string) {
    this.#socket = connect({ host, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
    this.#socket.setEncoding('latin1');
    this.#socket.setTimeout(TIMEOUT_MS, () => this.#socket.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Sends a request; `answered` is told its status, or why there is none. */
  send(request: string, answered: Answered): void {
    this.#answered = answered;
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    const head = this.#text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(this.#text) ?? [];
    if (this.#text.length < head + 4 + Number(length)) return;
    const status = Number(this.#text.slice(9, 12));
    this.#text = '';
    this.#tell(status);
  }

  #end(error: Error): void {
    this.#closed = true;
    this.#tell(error);
  }

  #tell(outcome: number | Error): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(outcome);
  }
}
