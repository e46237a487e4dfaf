import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** Of each answer that came, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** A connection to a server on 127.0.0.1 whose errors are its own matter. */
export function open(address: string): Socket {
  return connect(Number(new URL(address).port), '127.0.0.1').on('error', () => undefined);
}

/** Sends bytes as they are over a connection of their own, and gives what came until the server closed it. The request must ask for that. */
export async function sendRaw(address: string, bytes: string): Promise<RawAnswer> {
  const socket = open(address).setEncoding('latin1');
  let text = '';
  socket.on('data', (piece: string) => {
    text += piece;
  });
  socket.write(bytes, 'latin1');
  await new Promise<void>((closed) => socket.on('close', () => closed()));
  return { statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status)), text };
}
