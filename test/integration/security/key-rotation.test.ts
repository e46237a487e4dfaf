import { readIngressSettings } from '@bbb-activity/app-ingress/start';
import { CallbackUrls } from '@bbb-activity/bbb/callback-urls';
import { readTenants } from '@bbb-activity/config/tenants';
import { signedCallbackUrl } from '@bbb-activity/signatures/bbb-checksum';
import { signedLegacyQuery } from '@bbb-activity/signatures/legacy-url';
import { signedLinkQuery } from '@bbb-activity/signatures/meeting-link';
import { signModern } from '@bbb-activity/signatures/modern-header';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, LEGACY_PATH, nowSeconds, post } from '../../support/bbb-sender.js';
import { type IngressServer, startIngress } from '../../support/ingress-server.js';
import { cookieIn, DashboardPlace } from '../dashboard/dashboard-place.js';

const ROTATED = {
  WEBHOOK_SALT: 'present salt',
  WEBHOOK_SALT_PREVIOUS: 'former salt',
  BBB_SECRET: 'present-server',
  BBB_SECRET_PREVIOUS: 'former-server',
  KERNEL_SECRET: 'present kernel',
  KERNEL_SECRET_PREVIOUS: 'former kernel',
  IDENTITY_KEY: 'identity',
};

/** The same once the change is over. */
const AFTER = { ...ROTATED, WEBHOOK_SALT_PREVIOUS: '', BBB_SECRET_PREVIOUS: '', KERNEL_SECRET_PREVIOUS: '' };
const WINDOW = [
  ['while a secret is changed', ROTATED, [200, 200, 403], ['accepted', 'accepted', 'signature_bad']],
  ['once the former one is gone', AFTER, [200, 403, 403], ['accepted', 'signature_bad', 'signature_bad']],
] as const;
const KINDS = ['present', 'former', 'unknown'] as const;

describe.each(WINDOW)('ingress %s', (_when, environment, statuses, outcomes) => {
  let ingress: IngressServer;
  const body = bbbBody([bbbEvent('user-joined')]);

  beforeAll(async () => {
    ingress = await startIngress(environment);
  });
  afterAll(() => ingress.close());

  const urlOf = (salt: string, timestamp = nowSeconds()) =>
    `${ingress.address}${LEGACY_PATH}?${signedLegacyQuery({ accessUrlId: 1, meetingId: '', timestamp }, salt)}`;
  const old = () => urlOf('present salt', nowSeconds() - 3_600);

  it('takes legacy URLs, checksums and bearers by the secrets of the moment, and by no other', async () => {
    const answers: Record<string, number[]> = { url: [], checksum: [], bearer: [] };
    for (const kind of KINDS) {
      answers['url']?.push((await post(urlOf(`${kind} salt`), body)).status);
      const sent = signedCallbackUrl(old(), body, `${kind}-server`, { covers: 'body' });
      answers['checksum']?.push((await post(sent, body)).status);
      answers['bearer']?.push((await post(old(), body, { authorization: `Bearer ${kind}-server` })).status);
    }
    expect(answers).toEqual({ url: statuses, checksum: statuses, bearer: statuses });
  });

  it('takes requests to the modern endpoint by the secrets of the moment, and by no other', async () => {
    const before = ingress.log.length;
    const told = JSON.stringify({ provider: 'bbb', meeting_id: 'm1' });
    for (const kind of KINDS) {
      const timestamp = nowSeconds();
      const headers = {
        'x-chamilo-timestamp': String(timestamp),
        'x-chamilo-signature': signModern(timestamp, told, `${kind} kernel`),
      };
      expect((await post(`${ingress.address}/api/videoconference/callback`, told, headers)).status).toBe(200);
    }
    const lines = ingress.log.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.flatMap(({ outcome }) => (outcome === undefined ? [] : [outcome]))).toEqual(outcomes);
  });
});

describe('hooks while the salt is changed', () => {
  it('are made with the present one, and those of the former one are ours and replaced', () => {
    const { salts } = readTenants(ROTATED).all.get(1) ?? { salts: [] };
    const publicUrl = 'https://here.example.org';
    const urls = new CallbackUrls({ accessUrlId: 1, publicUrl, formerUrls: [], salts, algorithm: 'sha256' });
    const by = (salt: string) =>
      `${publicUrl}${LEGACY_PATH}?${signedLegacyQuery({ accessUrlId: 1, meetingId: 'm1', timestamp: 1_800_000_000 }, salt)}`;
    expect(urls.make('m1', 1_800_000_000)).toBe(by('present salt'));
    const read = (salt: string) => urls.read({ hookId: '1', callbackUrl: by(salt) });
    expect([read('present salt')?.present, read('former salt')?.present, read('unknown salt')]).toEqual([true, false, null]);
  });
});

describe('identities while a secret is changed', () => {
  it('stay as they were: ingress does not start without IDENTITY_KEY beside a former secret', () => {
    expect(() => readIngressSettings({ ...ROTATED, IDENTITY_KEY: '' })).toThrow(/^IDENTITY_KEY is missing beside /);
    expect(readIngressSettings(ROTATED).keySource).toBe('identity');
  });
});

describe('the dashboard while ADMIN_TOKEN and the salt are changed', () => {
  const FORMER = 'the-former-token-of-an-admin';
  let before: DashboardPlace;
  let during: DashboardPlace;

  beforeAll(async () => {
    before = await DashboardPlace.create({ environment: { ADMIN_TOKEN: FORMER } });
    const environment = { ...ROTATED, ADMIN_TOKEN_PREVIOUS: FORMER };
    during = await DashboardPlace.create({ environment, overrides: { store: before.store } });
  });
  afterAll(async () => {
    await during.close();
    await before.close();
  });

  it('takes both tokens as bearer, and no third', async () => {
    const statuses = [];
    for (const token of [undefined, FORMER, `${FORMER}x`]) {
      const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
      statuses.push((await during.get('/api/meetings', headers)).statusCode);
    }
    expect(statuses).toEqual([200, 200, 401]);
  });

  it('knows a session, and its CSRF token, of before', async () => {
    const browser = await before.browserOf('ada', 'admin');
    expect((await during.get('/api/session', { cookie: browser.cookie })).statusCode).toBe(200);
    const logout = (csrf: string) =>
      during.app.inject({ method: 'POST', url: '/api/logout', headers: { cookie: browser.cookie, 'x-csrf-token': csrf } });
    expect((await logout(`${browser.csrfToken}x`)).statusCode).toBe(403);
    expect((await logout(browser.csrfToken)).statusCode).toBe(204);
  });

  it('gives cookies of the present token alone, which the dashboard of before does not know', async () => {
    await before.addUser('grace', 'viewer');
    const cookie = cookieIn(await during.logIn('grace'));
    expect((await during.get('/api/session', { cookie })).statusCode).toBe(200);
    expect((await before.get('/api/session', { cookie })).statusCode).toBe(401);
  });

  it('opens links of both salts, and of no third', async () => {
    const answers = [];
    for (const kind of KINDS) {
      const query = signedLinkQuery({ accessUrlId: 1, meetingId: 'm1', expires: nowSeconds() + 60 }, `${kind} salt`);
      answers.push((await during.get(`/link?${query}`)).headers.location);
    }
    // Nothing is known of the meeting, which is told to nobody whose link is wrong.
    expect(answers.map((location) => /reason=(\w+)/.exec(String(location))?.[1])).toEqual([
      'link_without_meeting',
      'link_without_meeting',
      'link_refused',
    ]);
  });
});
