import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startApp } from '../support/app-process.js';
import { bbbBody, bbbEvent, callbackUrl, post } from '../support/bbb-sender.js';
import { residentMiB } from '../support/fuzz/resident-memory.js';
import { KEYS } from '../support/ingress-server.js';
import { open } from '../support/raw-request.js';
import { ownPrefix, redisUrl } from '../support/services.js';
import { until } from '../support/until.js';

const CONNECTIONS = 10_000;
/** At a time, so that none waits for the server's backlog. */
const SHARE = 250;
/** A connection that sent half a head holds its parser and its socket. */
const MOST_MIB = 400;

it(`${CONNECTIONS} connections that send nothing, or half a head, keep nobody out, and are closed`, async () => {
  const ingress = await startApp('ingress', {
    ...KEYS,
    IDENTITY_KEY: 'k',
    REDIS_URL: redisUrl(),
    REDIS_ALLOW_UNSAFE: 'true',
    QUEUE_PREFIX: ownPrefix(),
  });
  const deliver = () => post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined')]));
  const sockets: Socket[] = [];
  let closed = 0;
  try {
    expect((await deliver()).status).toBe(200);
    const before = residentMiB(ingress);
    while (sockets.length < CONNECTIONS) {
      const share = Array.from({ length: SHARE }, () => open(ingress.address).resume());
      await Promise.all(share.map((socket) => new Promise<void>((there) => socket.on('connect', () => there()))));
      for (const [index, socket] of share.entries()) {
        socket.on('close', () => (closed += 1));
        if (index % 2 === 0) socket.write('POST / HTTP/1.1\r\nHost:');
      }
      sockets.push(...share);
    }
    const answer = await deliver();
    const during = residentMiB(ingress);
    process.stdout.write(
      `${CONNECTIONS} connections, ${closed} of them closed already: ${before} MiB before, ${during} MiB with them\n`,
    );
    expect(answer.status).toBe(200);
    expect(during - before).toBeLessThan(MOST_MIB);
    await until('all are closed by ingress', () => closed === CONNECTIONS);
    expect((await deliver()).status).toBe(200);
  } finally {
    for (const socket of sockets) socket.destroy();
    await ingress.stop();
  }
});
