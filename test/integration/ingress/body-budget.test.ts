import { connect, type Socket } from 'node:net';
import { INTAKE_LIMITS } from '@bbb-activity/app-ingress/endpoint-options';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, post } from '../../support/bbb-sender.js';
import { type IngressServer, startIngress } from '../../support/ingress-server.js';
import { until } from '../../support/until.js';

/**
 * Of one body, and of all that are taken in at a time: the proportions of INTAKE_LIMITS, and far less. The 32 MB of production take a slow machine
 * longer than the 10 s in which a body must have arrived, so that the first of them would be ended before the last is there.
 */
const ONE = 16 * 1024;
const AT_A_TIME = 4;

describe('the bodies that ingress takes in at a time', () => {
  let ingress: IngressServer;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    ingress = await startIngress({}, undefined, { bodyBytes: ONE, allBodiesBytes: AT_A_TIME * ONE });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await ingress.close();
  });

  /** All of a body but its last byte. */
  async function sendNearly(bytes: number): Promise<void> {
    const { port, pathname, search } = new URL(callbackUrl(ingress.address));
    // One that is not read never hears that it was ended for its slowness, and would count as alive for ever.
    const socket = connect(Number(port), '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    sockets.push(socket);
    socket.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`);
    await new Promise((sent) => socket.write(Buffer.alloc(bytes - 1, 97), sent));
  }

  it('are four of 8 MB in production', () => {
    expect(INTAKE_LIMITS).toMatchObject({ bodyBytes: 512 * ONE, allBodiesBytes: 512 * AT_A_TIME * ONE });
  });

  it('are bounded together: what is too much is answered 503, and taken once others are through', async () => {
    const send = () => post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined')]));
    expect((await send()).status).toBe(200);
    const refused = await until('there is no room', async () => {
      // Ingress does not wait for the end of a body for ever.
      const alive = sockets.filter((socket) => !socket.destroyed).length;
      await Promise.all(Array.from({ length: AT_A_TIME - alive }, () => sendNearly(ONE)));
      const answer = await send();
      return answer.status === 503 ? answer : undefined;
    });
    expect(refused.json).toEqual({ ok: false, error: 'overloaded' });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    // Whether they are answered or break off.
    for (const socket of sockets) socket.destroy();
    await until('there is room', async () => (await send()).status === 200);
  });
});
