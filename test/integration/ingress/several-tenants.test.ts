import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIngressSettings } from '@bbb-activity/app-ingress/start';
import { signedCallbackUrl } from '@bbb-activity/signatures/bbb-checksum';
import { type LegacyAlgorithm, signedLegacyQuery } from '@bbb-activity/signatures/legacy-url';
import { signModern } from '@bbb-activity/signatures/modern-header';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, LEGACY_PATH, nowSeconds, post } from '../../support/bbb-sender.js';
import { type IngressServer, startIngress } from '../../support/ingress-server.js';

const TENANTS = {
  1: { salt: 'salt of one', bbbSecret: 'server of one', kernelSecret: 'kernel of both' },
  2: { bbbSecret: 'server of two', kernelSecret: 'kernel of both', urlAlgorithm: 'sha1', filter: ['user-left'] },
  3: { salt: 'salt of three', kernelSecret: 'kernel of three' },
  4: { bbbSecret: 'server of four', kernelSecret: 'kernel of four', enabled: false },
  5: { kernelSecret: 'kernel of five' },
};
const NONE = { WEBHOOK_SALT: '', BBB_SECRET: '', KERNEL_SECRET: '' };

describe('ingress for several access URLs', () => {
  let folder: string;
  let file: string;
  let ingress: IngressServer;
  const joined = bbbBody([bbbEvent('user-joined')]);
  const left = bbbBody([bbbEvent('user-left')]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenants-'));
    file = join(folder, 'tenants.json');
    await writeFile(file, JSON.stringify(TENANTS));
    ingress = await startIngress({ ...NONE, TENANTS_FILE: file });
  });
  afterAll(async () => {
    await ingress.close();
    await rm(folder, { recursive: true });
  });

  const urlOf = (accessUrlId: number, salt: string, algorithm: LegacyAlgorithm = 'sha256', timestamp = nowSeconds()) =>
    `${ingress.address}${LEGACY_PATH}?${signedLegacyQuery({ accessUrlId, meetingId: '', timestamp }, salt, algorithm)}`;

  const sendModern = (told: object | string, secret: string) => {
    const body = typeof told === 'string' ? told : JSON.stringify({ provider: 'bbb', meeting_id: 'm', title: 'T', ...told });
    const timestamp = nowSeconds();
    return post(`${ingress.address}/api/videoconference/callback`, body, {
      'content-type': 'application/json',
      'x-chamilo-timestamp': String(timestamp),
      'x-chamilo-signature': signModern(timestamp, body, secret),
    });
  };

  it('checks a legacy URL with the salt and the algorithm of its own access URL, and with no other', async () => {
    expect(await post(urlOf(1, 'salt of one'), joined)).toMatchObject({ status: 200, json: { events: 1 } });
    expect(await post(urlOf(2, 'server of two', 'sha1'), left)).toMatchObject({ status: 200, json: { events: 1 } });
    const queued = await ingress.queued(2);
    expect(queued.map(({ accessUrlId, kind }) => [accessUrlId, kind]).toSorted()).toEqual([
      [1, 'joined'],
      [2, 'left'],
    ]);
    for (const url of [
      urlOf(1, 'salt of three'),
      urlOf(1, 'server of one'),
      urlOf(2, 'salt of one', 'sha1'),
      urlOf(2, 'server of two'),
      urlOf(3, 'salt of one'),
      urlOf(9, 'salt of one'),
    ])
      expect(await post(url, joined)).toMatchObject({ status: 403, json: { error: 'bad_signature' } });
    expect(await ingress.waiting()).toBe(0);
  });

  it("takes an old URL only by the secret of its own access URL's server", async () => {
    const old = urlOf(1, 'salt of one', 'sha256', nowSeconds() - 3_600);
    const wrong = signedCallbackUrl(old, joined, 'server of two', { covers: 'body' });
    expect(await post(wrong, joined)).toMatchObject({ status: 403, json: { error: 'expired_signature' } });
    const right = signedCallbackUrl(old, joined, 'server of one', { covers: 'body' });
    expect(await post(right, joined)).toMatchObject({ status: 200, json: { events: 1 } });
    expect(await ingress.queued(1)).toHaveLength(1);
  });

  it('goes by the filter and the switch of each access URL', async () => {
    expect(await post(urlOf(2, 'server of two', 'sha1'), joined)).toMatchObject({
      status: 200,
      json: { events: 0, filtered: 1 },
    });
    expect(await post(urlOf(4, 'server of four'), joined)).toMatchObject({ status: 200, json: { note: 'webhooks_disabled' } });
    expect(await sendModern({}, 'kernel of four')).toMatchObject({ status: 200, json: { note: 'webhooks_disabled' } });
    expect(await post(urlOf(5, 'kernel of five'), joined)).toMatchObject({
      status: 500,
      json: { error: 'plugin_not_configured' },
    });
    expect(await ingress.waiting()).toBe(0);
  });

  it('takes a signed request to the modern endpoint for an access URL whose key signed it, and for no other', async () => {
    expect(await sendModern({}, 'kernel of three')).toMatchObject({ status: 200, json: { events: 1 } });
    expect(await sendModern({ access_url_id: 2 }, 'kernel of both')).toMatchObject({ status: 200, json: { events: 1 } });
    const queued = await ingress.queued(2);
    expect(queued.map(({ accessUrlId }) => accessUrlId).toSorted()).toEqual([2, 3]);
    for (const accessUrlId of [1, 9])
      expect(await sendModern({ access_url_id: accessUrlId }, 'kernel of three')).toMatchObject({
        status: 400,
        json: { ok: false, error: 'wrong_access_url' },
      });
    expect(await sendModern({ access_url_id: 1 }, 'kernel of nobody')).toMatchObject({ status: 200, json: { ok: true } });
    expect(await ingress.waiting()).toBe(0);
  });

  it('has a body name its access URL where several have one key', async () => {
    for (const body of [{}, JSON.stringify([bbbEvent('user-joined')])]) {
      const answer = await sendModern(body, 'kernel of both');
      expect(answer).toMatchObject({ status: 400, json: { ok: false, error: 'missing_field' } });
      expect(String(answer.json['message'])).toContain('access_url_id');
    }
    expect(await ingress.waiting()).toBe(0);
  });

  it('does not start where a filter names no event, or without a key for all', async () => {
    await writeFile(join(folder, 'wrong.json'), JSON.stringify({ ...TENANTS, 6: { bbbSecret: 'x', filter: ['user-jumped'] } }));
    expect(() => readIngressSettings({ TENANTS_FILE: join(folder, 'wrong.json'), IDENTITY_KEY: 'k' })).toThrow(
      /wrong\.json, access URL "6": filter names user-jumped, which is no known event$/,
    );
    expect(() => readIngressSettings({ TENANTS_FILE: file })).toThrow(/^IDENTITY_KEY is missing/);
  });
});
