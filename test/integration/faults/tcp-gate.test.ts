import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpGate } from '../../support/faults/tcp-gate.js';
import { until } from '../../support/until.js';

describe('a gate between two programs', () => {
  let server: Server;
  let gate: TcpGate;
  /** What came through each connection, in the order of the connections. */
  let heard: { text: string; ended: boolean }[];
  const clients: Socket[] = [];

  beforeEach(async () => {
    heard = [];
    server = createServer((socket) => {
      const one = { text: '', ended: false };
      heard.push(one);
      socket.setEncoding('utf8').on('data', (text: string) => {
        one.text += text;
      });
      socket.on('end', () => {
        one.ended = true;
      });
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    gate = await TcpGate.open({ upstream: (server.address() as AddressInfo).port });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await gate.close();
    await new Promise((closed) => server.close(closed));
  });

  async function client(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: gate.port, noDelay: true });
    socket.on('error', () => undefined);
    clients.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** Writes numbers, each a piece of its own that the gate reads by itself. */
  async function write(socket: Socket, from: number, to: number): Promise<string> {
    let written = '';
    for (let number = from; number < to; number += 1) {
      socket.write(`${number} `);
      written += `${number} `;
      await delay(1);
    }
    return written;
  }

  it('passes bytes on whole and in order while it becomes slow, and well again', async () => {
    const socket = await client();
    let written = await write(socket, 0, 20);
    gate.mode = 'slow';
    written += await write(socket, 20, 40);
    gate.mode = 'open';
    written += await write(socket, 40, 60);
    await until('all has arrived', () => heard[0]?.text.length === written.length);
    expect(heard).toEqual([{ text: written, ended: false }]);
    expect(gate.delayed).toBeGreaterThan(0);
  });

  it('passes the end of a connection on behind all that was sent, slow or not', async () => {
    const socket = await client();
    gate.mode = 'slow';
    const written = await write(socket, 0, 20);
    socket.end();
    gate.mode = 'open';
    await until('it has ended', () => heard[0]?.ended);
    expect(heard).toEqual([{ text: written, ended: true }]);
  });

  it('lets a hole swallow what waits, and its connections stay dead when others work again', async () => {
    const socket = await client();
    gate.mode = 'slow';
    await write(socket, 0, 20);
    gate.mode = 'hole';
    gate.mode = 'slow';
    const other = await client();
    const written = await write(other, 20, 40);
    socket.end();
    other.end();
    await until('the other one has ended', () => heard[1]?.ended);
    expect(heard).toEqual([
      { text: '', ended: false },
      { text: written, ended: true },
    ]);
  });
});
