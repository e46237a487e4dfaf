import { REFUSALS_A_MINUTE } from '@bbb-activity/app-ingress/refused-sources';
import { signModern } from '@bbb-activity/signatures/modern-header';
import { afterEach, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, nowSeconds } from '../../support/bbb-sender.js';
import { type IngressServer, KEYS, startIngress } from '../../support/ingress-server.js';

const PROXY = '127.0.0.1';
const BODY = bbbBody([bbbEvent('user-joined')]);

describe('the limit on wrong signatures', () => {
  let ingress: IngressServer;
  afterEach(() => ingress.close());

  /** From behind the proxy, as it tells the caller's address. */
  async function send(url: string, from: string, headers: Record<string, string> = {}) {
    const { statusCode, headers: answered } = await ingress.app.inject({
      method: 'POST',
      url,
      payload: BODY,
      headers: { 'x-forwarded-for': from, ...headers },
    });
    return { statusCode, retryAfter: Number(answered['retry-after'] ?? 0) };
  }
  const right = () => callbackUrl('');
  const wrong = () => `${right().slice(0, -2)}zz`;

  async function failUntilLimited(from: (count: number) => string): Promise<void> {
    for (let count = 0; count < REFUSALS_A_MINUTE; count++) expect((await send(wrong(), from(count))).statusCode).toBe(403);
  }

  it('answers 429 to one source, and neither refuses a genuine delivery from it nor anything of another', async () => {
    ingress = await startIngress({ TRUSTED_PROXIES: PROXY });
    await failUntilLimited(() => '203.0.113.7');
    const lines = ingress.log.length;
    for (let count = 0; count < 50; count++) {
      const { statusCode, retryAfter } = await send(wrong(), '203.0.113.7');
      expect([statusCode, retryAfter >= 1 && retryAfter <= 60]).toEqual([429, true]);
    }
    expect(ingress.log.slice(lines)).toHaveLength(1);
    expect((await send(right(), '203.0.113.7')).statusCode).toBe(200);
    expect((await send(wrong(), '203.0.113.8')).statusCode).toBe(403);
    expect(await ingress.queued(1)).toHaveLength(1);
  });

  it('goes by the connection where no proxy is named, whatever a caller writes into X-Forwarded-For', async () => {
    ingress = await startIngress();
    await failUntilLimited((count) => `203.0.113.${count % 250}`);
    expect((await send(wrong(), '198.51.100.1')).statusCode).toBe(429);
    expect((await send(right(), '198.51.100.1')).statusCode).toBe(200);
  });

  it('goes by the address that the nearest proxy wrote, not by those that the caller put before it', async () => {
    ingress = await startIngress({ TRUSTED_PROXIES: PROXY });
    await failUntilLimited((count) => `10.0.0.${count % 250}, 203.0.113.7`);
    expect((await send(wrong(), '10.9.9.9, 203.0.113.7')).statusCode).toBe(429);
  });

  it('tells a stranger at the modern endpoint nothing, and fills no log', async () => {
    ingress = await startIngress({ TRUSTED_PROXIES: PROXY });
    const path = '/api/videoconference/callback';
    for (let count = 0; count < REFUSALS_A_MINUTE + 50; count++) {
      expect((await send(path, '203.0.113.7')).statusCode).toBe(200);
    }
    const about = ingress.log.filter((line) => line.includes('203.0.113.7'));
    expect(about).toHaveLength(REFUSALS_A_MINUTE + 1);
    const timestamp = String(nowSeconds());
    const signature = signModern(Number(timestamp), BODY, KEYS.KERNEL_SECRET);
    const headers = { 'x-chamilo-timestamp': timestamp, 'x-chamilo-signature': signature };
    expect((await send(path, '203.0.113.7', headers)).statusCode).toBe(200);
    expect(await ingress.queued(1)).toHaveLength(1);
  });
});
