import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dashboard } from '@bbb-activity/app-dashboard/dashboard';
import { dashboardParts, readDashboardSettings } from '@bbb-activity/app-dashboard/start';
import { newOpaqueToken, opaqueTokenHash } from '@bbb-activity/signatures/opaque-token';
import { addApiToken } from '@bbb-activity/store/api-tokens';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import type { UserRole } from '@bbb-activity/store/dashboard-users';
import { listMeetings } from '@bbb-activity/store/meeting-queries';
import { EVERYTHING } from '@bbb-activity/store/read-scope';
import { createLogger } from '@bbb-activity/telemetry/logger';
import Fastify, { type InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { ADMIN_TOKEN, DashboardPlace, linkTo, SALT } from './dashboard-place.js';

/** Who may call a route, as docs/dashboard.md, "Who may do what" tells it. */
type Access = 'public' | 'meeting' | 'reader' | 'overseer' | 'admin';

interface Rule {
  readonly access: Access;
  /** The status for who may call it. */
  readonly ok: number;
  readonly url?: string;
  readonly payload?: object;
  /** The status for who may call it, and may not read the meeting; the same as `ok` where it is left out. */
  readonly elsewhere?: number;
}

/** Words of the meeting, of which nothing is told to who may not read it. */
const WORDS = /Secret lesson|Adaline|secret-user/;
const BOARD = /^(?:\/plugin\/Bbb\/webhook_dashboard\.php)?\/admin\/queues(?:\/|$)/;

/** `:meeting` is the meeting's id. */
const RULES: Readonly<Record<string, Rule>> = {
  'POST /api/login': { access: 'public', ok: 400 },
  'GET /link': { access: 'public', ok: 303 },
  'GET /': { access: 'public', ok: 200 },
  'GET /login': { access: 'public', ok: 200 },
  'GET /hooks': { access: 'public', ok: 200 },
  'GET /system': { access: 'public', ok: 200 },
  'GET /meetings/:id': { access: 'public', ok: 200 },
  'GET /rooms/:accessUrlId/:remoteId': { access: 'public', ok: 200 },
  'GET /people/:accessUrlId/:personKey': { access: 'public', ok: 200 },
  'GET /script.js': { access: 'public', ok: 200 },

  'GET /api/session': { access: 'meeting', ok: 200 },
  'GET /api/live': { access: 'meeting', ok: 200 },
  'GET /api/meetings': { access: 'meeting', ok: 200 },
  'GET /api/meetings/:id': { access: 'meeting', ok: 200, url: '/api/meetings/:meeting', elsewhere: 404 },
  'GET /api/meetings/:id/participants': {
    access: 'meeting',
    ok: 200,
    url: '/api/meetings/:meeting/participants',
    elsewhere: 404,
  },
  'GET /api/meetings/:id/timeline': { access: 'meeting', ok: 200, url: '/api/meetings/:meeting/timeline', elsewhere: 404 },
  'GET /api/meetings/:id/export': { access: 'meeting', ok: 200, url: '/api/meetings/:meeting/export', elsewhere: 404 },
  'POST /api/logout': { access: 'meeting', ok: 204 },

  'GET /api/openapi.json': { access: 'reader', ok: 200 },
  'GET /api/export': { access: 'reader', ok: 200 },
  'GET /api/kpis': { access: 'reader', ok: 200 },
  'GET /api/attendance': { access: 'reader', ok: 200, url: '/api/attendance?accessUrlId=1&remoteId=lesson-room' },
  'GET /api/rosters/:remoteId': {
    access: 'reader',
    ok: 200,
    url: '/api/rosters/lesson-room?accessUrlId=1',
    elsewhere: 404,
  },

  'GET /api/system': { access: 'overseer', ok: 200 },
  'GET /api/hooks': { access: 'overseer', ok: 409 },
  'GET /api/hooks/health': { access: 'overseer', ok: 200 },
  'GET /api/hooks/history': { access: 'overseer', ok: 200 },

  'PUT /api/rosters/:remoteId': {
    access: 'admin',
    ok: 200,
    url: '/api/rosters/lesson-room?accessUrlId=1',
    payload: { people: [{ externalUserId: 'secret-user-2', name: 'Adaline B.' }] },
  },
  'DELETE /api/rosters/:remoteId': { access: 'admin', ok: 404, url: '/api/rosters/none?accessUrlId=1' },
  'GET /api/dead-letters': { access: 'admin', ok: 200 },
  'POST /api/dead-letters/:id/redrive': { access: 'admin', ok: 404, url: '/api/dead-letters/999/redrive' },
  'DELETE /api/dead-letters/:id': { access: 'admin', ok: 404, url: '/api/dead-letters/999' },
  'POST /api/hooks/ensure': { access: 'admin', ok: 409, payload: {} },
  'DELETE /api/hooks': { access: 'admin', ok: 409 },
};

interface Called {
  readonly headers: Readonly<Record<string, string>>;
  /** Which of the rules let them pass. */
  readonly may: readonly Access[];
  readonly readsMeeting: boolean;
}

let place: DashboardPlace;
let pageFolder: string;
let meetingId: string;
const callers = new Map<string, Called>();
/** Method and url of every route that the dashboard registers. */
const registered: { readonly method: string; readonly url: string }[] = [];

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), 'page-'));
  await writeFile(join(pageFolder, 'index.html'), '<!doctype html><html><head></head><body></body></html>');
  await writeFile(join(pageFolder, 'script.js'), 'void 0;');
  place = await DashboardPlace.create({ overrides: { pageFolder, saltsOf: () => [SALT] } });
  await applyBatch(
    place.store,
    [
      event({
        kind: 'meeting_created',
        at: 1_000,
        room: 'lesson-room',
        meeting: 'secret-run',
        details: { meeting: { title: 'Secret lesson' } },
      }),
      event({ kind: 'joined', at: 2_000, room: 'lesson-room', meeting: 'secret-run', user: 'secret-user', name: 'Adaline' }),
      event({ kind: 'joined', at: 2_000, room: 'other', meeting: 'other', user: '9', accessUrlId: 2 }),
    ],
    { policy: 'register' },
  );
  meetingId = (await listMeetings(place.store, EVERYTHING, { accessUrlId: 1 })).items[0]?.id ?? '';
  await addCallers();
  await listRoutes();
});
afterAll(async () => {
  await place.close();
  await rm(pageFolder, { recursive: true });
});

async function addCallers(): Promise<void> {
  const readers: readonly Access[] = ['public', 'meeting', 'reader'];
  const all: readonly Access[] = [...readers, 'overseer', 'admin'];
  const browser = async (role: UserRole, accessUrlId: number | null = null) => {
    const { cookie, csrfToken } = await place.browserOf(`${role} ${accessUrlId}`, role, accessUrlId);
    return { cookie, 'x-csrf-token': csrfToken };
  };
  const token = async (role: UserRole, accessUrlId: number | null = null) => {
    const own = newOpaqueToken();
    await addApiToken(place.store, { name: `${role} ${accessUrlId}`, role, accessUrlId }, opaqueTokenHash(own));
    return { authorization: `Bearer ${own}` };
  };
  const link = async (accessUrlId: number, mid: string) => {
    const { cookie, csrfToken } = await place.byLink(linkTo(mid, { accessUrlId }));
    return { cookie, 'x-csrf-token': csrfToken };
  };
  const add = (name: string, headers: Record<string, string>, may: readonly Access[], readsMeeting = true) =>
    callers.set(name, { headers, may, readsMeeting });
  add('nobody', {}, ['public'], false);
  add('a token that is none', { authorization: `Bearer ${newOpaqueToken()}` }, ['public'], false);
  add('ADMIN_TOKEN', { authorization: `Bearer ${ADMIN_TOKEN}` }, all);
  add('an admin', await browser('admin'), all);
  add('a token of an admin', await token('admin'), all);
  add('a viewer', await browser('viewer'), [...readers, 'overseer']);
  add('a token that may read', await token('viewer'), [...readers, 'overseer']);
  add('a viewer of the access URL', await browser('viewer', 1), readers);
  add('a token of the access URL', await token('viewer', 1), readers);
  add('a viewer of another access URL', await browser('viewer', 2), readers, false);
  add('a token of another access URL', await token('viewer', 2), readers, false);
  add('a link to the meeting', await link(1, 'lesson-room'), ['public', 'meeting']);
  add('a link to another meeting', await link(2, 'other'), ['public', 'meeting'], false);
}

async function listRoutes(): Promise<void> {
  const app = Fastify();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) registered.push({ method: one, url });
  });
  const log = createLogger({ app: 'test', level: 'silent' });
  const parts = dashboardParts(readDashboardSettings({ ADMIN_TOKEN }), place.backend, place.deadLetters, place.store, log);
  await app.register(dashboard, { ...parts, pageFolder });
  await app.ready();
  await app.close();
}

/** Of a stream that goes on the beginning is enough. */
async function call({ headers }: Called, method: string, url: string, payload?: object) {
  const request: InjectOptions = { method: method as 'GET', url, headers, ...(payload === undefined ? {} : { payload }) };
  const answer = await place.app.inject({ ...request, payloadAsStream: true });
  const type = String(answer.headers['content-type']);
  if (type.startsWith('text/event-stream')) {
    answer.stream().destroy();
    return { status: answer.statusCode, body: '' };
  }
  let body = '';
  for await (const part of answer.stream()) body += String(part);
  return { status: answer.statusCode, body };
}

function expectedStatus({ may, readsMeeting }: Called, name: string, { access, ok, elsewhere = ok }: Rule): number {
  if (may.includes(access)) return readsMeeting || access === 'public' ? ok : elsewhere;
  return name === 'nobody' || name === 'a token that is none' ? 401 : 403;
}

const isBoard = (url: string) => BOARD.test(url);
const urlOf = (key: string, { url }: Rule) => (url ?? key.slice(key.indexOf(' ') + 1)).replace(':meeting', meetingId);

describe('who may call a route', () => {
  it('is told in this table, of every route', () => {
    const own = registered.filter(({ method, url }) => method !== 'HEAD' && !isBoard(url));
    expect(own.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual(Object.keys(RULES).toSorted());
  });

  // Logging out comes last: after it a session is nobody's.
  it.each(Object.entries(RULES).toSorted(([a], [b]) => Number(a.endsWith('logout')) - Number(b.endsWith('logout'))))(
    'holds for %s',
    async (key, rule) => {
      await place.putRoster();
      const [method = ''] = key.split(' ');
      for (const [name, caller] of callers) {
        const { status, body } = await call(caller, method, urlOf(key, rule), rule.payload);
        expect(status, name).toBe(expectedStatus(caller, name, rule));
        if (!caller.readsMeeting) expect(body, name).not.toMatch(WORDS);
        // What is not there for them is told in the words of what is not there at all.
        if (status >= 400) expect(Object.keys(JSON.parse(body)), name).toEqual(['error', 'message']);
      }
    },
  );

  it('holds for a HEAD as for the GET', async () => {
    const nobody = { headers: {}, may: [], readsMeeting: false };
    for (const { url } of registered.filter(({ method }) => method === 'HEAD')) {
      const isPublic = RULES[`GET ${url}`]?.access === 'public';
      const { status } = await call(nobody, 'HEAD', url.replace(/:\w+/g, '1'));
      expect(status === 401, url).toBe(!isPublic);
    }
  });

  it('holds for all of Bull Board: admins alone, and reading alone', async () => {
    const board = registered.filter(({ method, url }) => isBoard(url) && method !== 'HEAD');
    expect(board.length).toBeGreaterThan(20);
    const admin = await place.browserOf('another admin', 'admin');
    callers.set('an admin again', {
      headers: { cookie: admin.cookie, 'x-csrf-token': admin.csrfToken },
      may: ['admin'],
      readsMeeting: true,
    });
    for (const { method, url } of board) {
      const path = url.replace(/:\w+|\*/g, '1');
      for (const name of ['nobody', 'a token that may read', 'an admin again', 'ADMIN_TOKEN']) {
        const caller = callers.get(name);
        if (caller === undefined) throw new Error(`there is no caller ${name}`);
        const { status } = await call(caller, method, path);
        const told = `${name}: ${method} ${path}`;
        if (name === 'nobody') expect(status, told).toBe(401);
        else if (!caller.may.includes('admin')) expect(status, told).toBe(403);
        else if (method !== 'GET') expect(status, told).toBe(405);
        // What Redis says of itself is hidden from admins too.
        else expect(path.endsWith('/redis/stats') ? [403] : [200, 404], told).toContain(status);
      }
    }
  });
});

describe('a write by a session', () => {
  it('needs its CSRF token, whatever the route', async () => {
    const admin = await place.browserOf('writer', 'admin');
    const another = await place.browserOf('another writer', 'admin');
    const writes = Object.entries(RULES).filter(([key, { access }]) => !key.startsWith('GET ') && access !== 'public');
    expect(writes.length).toBeGreaterThan(5);
    for (const [key, rule] of writes) {
      for (const csrfToken of [null, '', another.csrfToken]) {
        const headers = csrfToken === null ? { cookie: admin.cookie } : { cookie: admin.cookie, 'x-csrf-token': csrfToken };
        const caller = { headers, may: [], readsMeeting: true };
        const { status, body } = await call(caller, key.split(' ')[0] ?? '', urlOf(key, rule), rule.payload);
        expect([status, JSON.parse(body)], key).toEqual([403, { error: 'csrf', message: expect.any(String) }]);
      }
    }
  });
});
