import { hooksCommand } from '@bbb-activity/app-cli/hooks-command';
import { storeHooks } from '@bbb-activity/app-dashboard/store-hooks';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, type DashboardApp, openDashboard } from '../../support/dashboard-app.js';
import { runCommand } from '../cli/command.js';
import { emptyTables, event } from '../store/store-fixture.js';
import { type HooksPlace, openHooksPlace, PUBLIC_URL, SECRET } from './hooks-place.js';

let place: HooksPlace;
let environment: Record<string, string>;

beforeAll(async () => {
  place = await openHooksPlace();
  environment = { DATABASE_URL: place.database.url, PUBLIC_URL, BBB_URL: place.server.url, BBB_SECRET: SECRET };
});
afterAll(() => place.close());
beforeEach(() => place.clear());

const listed = () => place.server.hooks.map(({ meetingId }) => meetingId);

/** Loses the hooks of a meeting that goes on, and mends it: that is a gap. */
async function makeGap() {
  place.server.running.add('a');
  await place.hooks().ensureHookForMeeting('a');
  place.server.hooks.splice(0);
  await place.hooks().ensureAll();
}

describe('the API of hooks', () => {
  let app: FastifyInstance;
  let dashboard: DashboardApp;
  beforeAll(async () => {
    dashboard = await openDashboard(place.store, environment);
    app = dashboard.app;
  });
  afterAll(() => dashboard.close());

  async function call(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, to = app) {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await to.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, json: answer.json() };
  }

  it('is closed to who bears no token', async () => {
    for (const [method, url] of [
      ['POST', '/api/hooks/ensure'],
      ['DELETE', '/api/hooks'],
      ['GET', '/api/hooks'],
      ['GET', '/api/hooks/health'],
      ['GET', '/api/hooks/history'],
    ] as const) {
      expect((await app.inject({ method, url })).statusCode, `${method} ${url}`).toBe(401);
    }
    expect(place.server.calls).toEqual([]);
  });

  it('makes, lists and removes hooks', async () => {
    const made = { status: 200, json: { registered: ['a/b & c'], renewed: [], removed: [], problems: [], refused: [] } };
    expect(await call('POST', '/api/hooks/ensure', { meetingId: 'a/b & c' })).toEqual(made);
    expect(await call('POST', '/api/hooks/ensure', { meetingId: 'a/b & c', accessUrlId: 1 })).toMatchObject({
      json: { registered: [] },
    });
    expect(await call('GET', '/api/hooks')).toMatchObject({
      status: 200,
      json: { items: [{ ours: true, meetingId: 'a/b & c', permanent: false }] },
    });
    expect(await call('DELETE', `/api/hooks?meetingId=${encodeURIComponent('a/b & c')}`)).toMatchObject({
      status: 200,
      json: { removed: [expect.any(String)] },
    });
    place.server.running.add('x');
    expect(await call('POST', '/api/hooks/ensure', {})).toMatchObject({ json: { registered: ['x'] } });
    expect(await call('DELETE', '/api/hooks')).toMatchObject({ status: 200 });
    expect(listed()).toEqual([]);
  });

  it('tells when the newest event of the access URL arrived, if any is kept', async () => {
    const told = async () => (await call('GET', '/api/hooks/health')).json.items[0].lastEventAt;
    expect(await told()).toBeNull();
    const before = Date.now();
    const of = (accessUrlId: number) =>
      event({ kind: 'joined', at: 1_000, meeting: 'heard', room: 'heard', user: '1', accessUrlId });
    await applyBatch(place.store, [of(2)], { policy: 'register' });
    expect(await told()).toBeNull();
    await applyBatch(place.store, [of(1)], { policy: 'register' });
    expect(Math.abs(Date.parse(await told()) - before)).toBeLessThan(60_000);
    await emptyTables(place.store);
  });

  it('tells health and gaps', async () => {
    await makeGap();
    const gap = { cause: 'lost', meetingId: 'a', meetings: ['a'], from: expect.any(String), to: expect.any(String) };
    expect(await call('GET', '/api/hooks/health')).toMatchObject({
      status: 200,
      json: { ok: true, items: [{ accessUrlId: 1, gaps: [gap] }] },
    });
    expect((await call('GET', '/api/hooks/history?limit=2')).json.items).toMatchObject([
      { event: 'registered', reason: 'lost' },
      { event: 'lost' },
    ]);
  });

  it('stands in the document', async () => {
    const { paths } = (await call('GET', '/api/openapi.json')).json;
    expect(
      Object.keys(paths)
        .filter((path) => path.startsWith('/api/hooks'))
        .toSorted(),
    ).toEqual(['/api/hooks', '/api/hooks/ensure', '/api/hooks/health', '/api/hooks/history']);
  });

  it.each([
    ['a scope that is another', { global: true }, {}, 409, 'hook_scope'],
    ['an access URL that is none', { meetingId: 'a', accessUrlId: 7 }, {}, 404, 'unknown_access_url'],
    ['both a meeting and global', { meetingId: 'a', global: true }, {}, 400, 'bad_request'],
    ['no PUBLIC_URL', { meetingId: 'a' }, { PUBLIC_URL: '' }, 409, 'hooks_not_configured'],
    ['webhooks that are off', { meetingId: 'a' }, { WEBHOOKS_ENABLED: 'false' }, 409, 'webhooks_disabled'],
    ['a wrong secret', { meetingId: 'a' }, { BBB_SECRET: 'wrong' }, 502, 'bbb_failed'],
    ['a server that is away', { meetingId: 'a' }, { BBB_URL: 'http://127.0.0.1:9/bigbluebutton' }, 502, 'bbb_unreachable'],
    ['a database that is away', { meetingId: 'a' }, {}, 503, 'database_unreachable'],
  ])('says so of %s', async (_what, body, more, status, error) => {
    const { openStore } = await import('@bbb-activity/store/client');
    const away = openStore({ databaseUrl: 'postgresql://nobody@127.0.0.1:1/none', maxConnections: 1 });
    const hooks = storeHooks({ ...environment, ...more }, error === 'database_unreachable' ? away : place.store);
    const other = await openDashboard(place.store, environment, 'redis', { hooks });
    expect(await call('POST', '/api/hooks/ensure', body, other.app)).toMatchObject({
      status,
      json: { error, message: expect.any(String) },
    });
    expect(listed()).toEqual([]);
    await other.close();
    await away.close();
  });
});

describe('the command hooks', () => {
  const run = (...args: string[]) => runCommand(hooksCommand, environment, ...args);

  it('makes, lists and removes hooks', async () => {
    expect(await run('ensure', '--meeting', 'a')).toMatchObject({ code: 0, stdout: 'registered: meeting a\n' });
    expect(await run('ensure', '--meeting', 'a', '--access-url', '1')).toMatchObject({
      code: 0,
      stdout: 'nothing had to be done\n',
    });
    expect((await run('list')).stdout).toMatch(
      /^\d+: ours, meeting a, signed \S+, to https:\/\/here\.example\.org\/plugin\/Bbb\/webhook\.php\n$/,
    );
    expect(await run('cleanup', '--meeting', 'b')).toMatchObject({ code: 0, stdout: 'nothing had to be done\n' });
    expect(await run('cleanup')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^removed: hook \d+\n$/) });
    expect(listed()).toEqual([]);
  });

  it('sees to all that there should be, and to the global hook alone where that is the scope', async () => {
    place.server.running.add('a');
    expect(await run('ensure')).toMatchObject({ code: 0, stdout: 'registered: meeting a\n' });
    expect(await run('ensure', '--global')).toMatchObject({ code: 1, stderr: expect.stringContaining('WEBHOOKS_SCOPE') });
    const global = await runCommand(hooksCommand, { ...environment, WEBHOOKS_SCOPE: 'global' }, 'ensure', '--global');
    expect(global).toMatchObject({ code: 0, stdout: 'registered: global\n' });
  });

  it('tells health and gaps, and exits 1 where something is wrong', async () => {
    await makeGap();
    const well = await run('health');
    expect(well).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /access URL 1: ok.*\n.*answers, takes the checksum.*\n.*1 of 1.*\n {2}gap \(lost\): \S+Z to \S+Z: a\n$/,
      ),
    });
    expect((await run('history')).stdout).toMatch(
      /registered \(lost\): meeting a, hook \d+\n.* lost \(not_listed\): meeting a, hook \d+, \S+Z to \S+Z\n/,
    );
    const wrong = await runCommand(hooksCommand, { ...environment, BBB_SECRET: 'wrong' }, 'health');
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining('checksumError') });
    const unset = await runCommand(hooksCommand, { ...environment, PUBLIC_URL: '' }, 'health');
    expect(unset).toMatchObject({ code: 1, stdout: expect.stringContaining('PUBLIC_URL is not set') });
  });
});
