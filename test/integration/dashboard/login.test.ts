import { scryptSync } from 'node:crypto';
import { opaqueTokenHash } from '@bbb-activity/signatures/opaque-token';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { addUser, removeUser } from '@bbb-activity/store/dashboard-users';
import { listMeetings } from '@bbb-activity/store/meeting-queries';
import { EVERYTHING } from '@bbb-activity/store/read-scope';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { ADMIN_TOKEN, cookieIn, DashboardPlace, linkTo } from './dashboard-place.js';

const PLATFORM = '/plugin/Bbb/webhook_dashboard.php';
const PROXY = '192.0.2.7';
const AT = 1_800_000_000_000;

let place: DashboardPlace;
const ids = new Map<string, string>();
const idOf = (internalId: string) => ids.get(internalId) ?? '';

beforeAll(async () => {
  place = await DashboardPlace.create({
    environment: { DASHBOARD_URL: 'https://meetings.example.org', TRUSTED_PROXIES: PROXY },
  });
  await applyBatch(
    place.store,
    [
      event({ kind: 'joined', at: AT, meeting: 'run-1', room: 'algebra', user: '1' }),
      event({ kind: 'meeting_ended', at: AT + 60_000, meeting: 'run-1', room: 'algebra' }),
      event({ kind: 'joined', at: AT + 90_000, meeting: 'run-2', room: 'algebra', user: '1' }),
    ],
    { policy: 'register' },
  );
  for (const { id, internalMeetingId } of (await listMeetings(place.store, EVERYTHING)).items)
    ids.set(internalMeetingId ?? '', id);
  await place.addUser('Ada', 'admin');
});
afterAll(() => place.close());

const told = async (cookie: string) => (await place.get('/api/session', { cookie })).statusCode;

describe('a login', () => {
  it('gives a signed cookie that no script reads and no other site sends, and who one is', async () => {
    const answer = await place.logIn('  aDA ');
    expect(answer.statusCode).toBe(204);
    const set = String(answer.headers['set-cookie']);
    expect(set.split('; ').slice(1).toSorted()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax', 'Secure']);
    const session = await place.get('/api/session', { cookie: cookieIn(answer) });
    expect(session.json()).toEqual({
      user: { name: 'ada', role: 'admin', accessUrlId: null },
      csrfToken: expect.stringMatching(/^[\w-]{43}$/),
      meetingId: null,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(session.headers['cache-control']).toBe('no-store');
  });

  it('below the platform’s path gives a cookie for that path', async () => {
    const answer = await place.logIn('ada', undefined, { url: `${PLATFORM}/api/login` });
    expect(String(answer.headers['set-cookie'])).toContain(`Path=${PLATFORM}/;`);
  });

  it('is refused in the same words whether the name or the password is wrong', async () => {
    const [password, name] = await Promise.all([place.logIn('ada', 'wrong'), place.logIn('nobody', 'wrong')]);
    expect([password.statusCode, name.statusCode]).toEqual([401, 401]);
    expect(password.json()).toEqual(name.json());
    expect(password.headers['set-cookie']).toBeUndefined();
  });

  it('ends the session that the browser had', async () => {
    const first = cookieIn(await place.logIn('ada'));
    const answer = await place.logIn('ada', undefined, { headers: { cookie: first } });
    expect(await told(first)).toBe(401);
    expect(await told(cookieIn(answer))).toBe(200);
  });

  it('is nothing without its signature, nor with another one', async () => {
    const cookie = cookieIn(await place.logIn('ada'));
    const [name, value = ''] = cookie.split('=');
    const id = decodeURIComponent(value).split('.')[0] ?? '';
    expect(await place.store.prisma.dashboardSession.count({ where: { idHash: new Uint8Array(opaqueTokenHash(id)) } })).toBe(1);
    for (const forged of [id, `${id}.`, `${id}.AAAA`, `x${value}`]) expect(await told(`${name}=${forged}`)).toBe(401);
  });

  it('ends by logging out, and when its time is over, and with its user', async () => {
    const browser = await place.browser(cookieIn(await place.logIn('ada')));
    const out = await browser.inject({ method: 'POST', url: '/api/logout' });
    expect([out.statusCode, out.headers['set-cookie']]).toEqual([204, expect.stringMatching(/=;.*Expires=Thu, 01 Jan 1970/)]);
    expect(await told(browser.cookie)).toBe(401);

    const late = cookieIn(await place.logIn('ada'));
    await place.store.prisma.dashboardSession.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } });
    expect(await told(late)).toBe(401);

    const gone = await place.browserOf('Gone', 'viewer');
    await removeUser(place.store, 'gone');
    expect(await told(gone.cookie)).toBe(401);
  });

  it('may fail so often and no more, of a name and an address, and more often of a name from wherever', async () => {
    // Cheap to verify: what is counted is the tries.
    for (const name of ['tried', 'wanted'])
      await addUser(place.store, { name, role: 'viewer', accessUrlId: null, passwordHash: 'scrypt$1$1$1$AA$AA' });
    const from = (address: number) => ({ remoteAddress: `198.51.100.${address}` });
    const statusOf = async (name: string, address: number) => (await place.logIn(name, 'no', from(address))).statusCode;
    // At once: what is still being verified must not let more in.
    const tries = await Promise.all(Array.from({ length: 11 }, () => statusOf('tried', 1)));
    expect(tries.toSorted()).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const more = await place.logIn(' Tried', 'no', from(1));
    expect([more.statusCode, more.json().error]).toEqual([429, 'too_many_tries']);
    expect(Number(more.headers['retry-after'])).toBeGreaterThan(60);
    // Neither another name from there nor the name from elsewhere is kept out.
    expect((await place.logIn('ada', undefined, from(1))).statusCode).toBe(204);
    expect(await statusOf('tried', 2)).toBe(401);

    for (let address = 10; address < 20; address += 1)
      await Promise.all(Array.from({ length: 10 }, () => statusOf('wanted', address)));
    expect(await statusOf('wanted', 20)).toBe(429);
  });

  it('that is right is not counted, and ends the count', async () => {
    const key = scryptSync('right', Buffer.alloc(1), 32, { N: 2, r: 1, p: 1 }).toString('base64url');
    await addUser(place.store, { name: 'late', role: 'viewer', accessUrlId: null, passwordHash: `scrypt$1$1$1$AA$${key}` });
    const statusOf = async (password: string) =>
      (await place.logIn('late', password, { remoteAddress: '198.51.100.99' })).statusCode;
    for (let time = 0; time < 3; time += 1) {
      for (let failure = 0; failure < 4; failure += 1) expect(await statusOf('no')).toBe(401);
      expect(await statusOf('right')).toBe(204);
    }
  });

  it('is tried so often from one address by whatever name, and nobody is believed to be somebody else but who comes by the proxy', async () => {
    const forwarded = (by: string, address: string) => ({
      remoteAddress: by,
      headers: { 'x-forwarded-for': address },
      payload: { name: 'a' },
    });
    const ofOne = async (by: string, address: (index: number) => string) => {
      const statuses: number[] = [];
      for (let index = 0; index < 61; index += 1)
        statuses.push((await place.logIn('', '', forwarded(by, address(index)))).statusCode);
      return statuses.at(-1);
    };
    expect(await ofOne('203.0.113.1', (index) => `10.0.0.${index}`)).toBe(429);
    expect(await ofOne(PROXY, (index) => `10.0.1.${index}`)).toBe(400);
    expect(await ofOne(PROXY, () => '10.0.2.1')).toBe(429);
  });
});

describe('a link of the learning platform', () => {
  const follow = (link: string, headers: Record<string, string> = {}) => place.app.inject({ url: link, headers });

  it('opens the newest run of a room, or one run by its internal id, and nothing else', async () => {
    for (const [mid, run] of [
      ['algebra', 'run-2'],
      ['run-1', 'run-1'],
    ] as const) {
      const answer = await follow(linkTo(mid));
      expect([answer.statusCode, answer.headers.location]).toEqual([303, `/meetings/${idOf(run)}`]);
      const browser = await place.browser(cookieIn(answer));
      const session = (await browser.inject({ url: '/api/session' })).json();
      expect(session).toMatchObject({ user: { name: 'link', role: 'link', accessUrlId: null }, meetingId: idOf(run) });
      const listed = (await browser.inject({ url: '/api/meetings' })).json().items;
      expect(listed.map(({ id }: { id: string }) => id)).toEqual([idOf(run)]);
      const other = idOf(run === 'run-1' ? 'run-2' : 'run-1');
      expect((await browser.inject({ url: `/api/meetings/${other}/participants` })).statusCode).toBe(404);
    }
  });

  it('below the platform’s path leads there', async () => {
    expect((await follow(`${PLATFORM}${linkTo('run-1')}`)).headers.location).toBe(`${PLATFORM}/meetings/${idOf('run-1')}`);
  });

  it('lasts four hours, and logs nobody out who may read the meeting', async () => {
    expect(String((await follow(linkTo('run-1'))).headers['set-cookie'])).toContain('Max-Age=14400');
    const { cookie } = await place.browserOf('Zoe', 'viewer', 1);
    expect((await follow(linkTo('run-1'), { cookie })).headers['set-cookie']).toBeUndefined();
    const stranger = await place.browserOf('Yan', 'viewer', 2);
    expect((await follow(linkTo('run-1'), { cookie: stranger.cookie })).headers['set-cookie']).toBeDefined();
  });

  const now = () => Math.floor(Date.now() / 1_000);
  it.each([
    ['link_expired', 'whose time is over', () => linkTo('run-1', { expires: now() - 1 })],
    ['link_refused', 'made for longer than ten minutes', () => linkTo('run-1', { expires: now() + 700 })],
    ['link_refused', 'signed by another salt', () => linkTo('run-1', { salt: 'another salt' })],
    ['link_refused', 'of another access URL', () => linkTo('run-1', { accessUrlId: 2 })],
    ['link_refused', 'changed on its way', () => linkTo('run-1').replace('run-1', 'run-2')],
    ['link_refused', 'with a second meeting', () => `${linkTo('run-1')}&mid=run-2`],
    ['link_refused', 'without a signature', () => '/link?au=1&mid=run-1'],
    ['link_without_meeting', 'to a meeting that is not known', () => linkTo('run-3')],
  ])('leads to the login, %s, where it is one %s', async (reason, _what, link) => {
    const answer = await follow(link());
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/login?reason=${reason}`]);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('every route of the dashboard', () => {
  it.each([
    '/',
    '/api/meetings',
    '/api/session',
    '/admin/queues',
    `${PLATFORM}/`,
    '/nothing',
    '/api/nothing',
    '/admin/queues/no/thing',
  ])('%s tells the browser what it may do with the answer', async (url) => {
    const { headers } = await place.app.inject({ url, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/default-src 'none';/);
    expect(policy).toMatch(/script-src 'self';/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'strict-transport-security': 'max-age=15552000',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('is one of those that are: what is not there is 404, as JSON or as the page that says so, whoever asks', async () => {
    const html = { accept: 'text/html,*/*' };
    for (const [method, url, headers, type] of [
      ['GET', '/nothing', {}, /json/],
      ['GET', '/nothing', html, /html/],
      ['GET', `${PLATFORM}/nothing`, html, /html/],
      ['GET', '/api/nothing', html, /json/],
      ['GET', '/assets/nothing.js', {}, /json/],
      ['POST', '/nothing', html, /json/],
      ['PUT', '/api/meetings', {}, /json/],
    ] as const) {
      const answer = await place.app.inject({ method, url, headers });
      expect([answer.statusCode, answer.headers['content-type']], `${method} ${url}`).toEqual([404, expect.stringMatching(type)]);
      expect(answer.headers['content-security-policy'], url).toMatch(/default-src 'none'/);
      if (type.source === 'json') expect(answer.json()).toEqual({ error: 'not_found', message: 'there is nothing here' });
      else expect(answer.body).toContain(`<base href="${url.startsWith(PLATFORM) ? PLATFORM : ''}/">`);
    }
  });

  it('of Bull Board leads a browser that is not logged in to the login and back', async () => {
    const answer = await place.app.inject({ url: '/admin/queues/', headers: { accept: 'text/html,*/*' } });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/login?next=%2Fadmin%2Fqueues%2F']);
    const below = await place.app.inject({ url: `${PLATFORM}/admin/queues`, headers: { accept: 'text/html' } });
    expect(below.headers.location).toBe(`${PLATFORM}/login?next=${encodeURIComponent(`${PLATFORM}/admin/queues`)}`);
  });

  it('of Bull Board shows who may not see it the page that says so, and tells a program', async () => {
    const viewer = await place.browserOf('looker', 'viewer');
    const page = await viewer.inject({ url: '/admin/queues', headers: { accept: 'text/html,*/*' } });
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, expect.stringMatching(/html/)]);
    expect(page.body).toContain('<base href="/">');
    const told = await viewer.inject({ url: '/admin/queues/api/queues' });
    expect([told.statusCode, told.json().error]).toEqual([403, 'forbidden']);
  });

  it('of Bull Board fetches nothing from elsewhere, and says of no queue that nobody works on it', async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const page = await place.app.inject({ url: '/admin/queues/', headers: { ...headers, accept: 'text/html' } });
    expect(page.body).toContain('bbb-activity');
    expect(page.body).not.toMatch(/https?:\/\//);
    const { queues } = (await place.app.inject({ url: '/admin/queues/api/queues', headers })).json();
    expect(queues.map(({ hasWorkers }: { hasWorkers: unknown }) => hasWorkers)).toEqual(queues.map(() => null));
  });
});
