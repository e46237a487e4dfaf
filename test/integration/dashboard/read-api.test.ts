import { buildDashboard } from '@bbb-activity/app-dashboard/app';
import { dashboardParts, readDashboardSettings } from '@bbb-activity/app-dashboard/start';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { openStore } from '@bbb-activity/store/client';
import { checkDatabase } from '@bbb-activity/store/ready';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../../support/services.js';
import { event } from '../store/store-fixture.js';
import { ADMIN_TOKEN, DashboardPlace } from './dashboard-place.js';

const log = createLogger({ app: 'test', level: 'silent' });
const AT = 1_800_000_000_000;

describe('the read API', () => {
  let place: DashboardPlace;
  const get = (url: string, headers?: Record<string, string>) => place.get(url, headers);
  const onlyMeeting = async (): Promise<{ id: string; remoteId: string }> => (await get('/api/meetings')).json().items[0];

  beforeAll(async () => {
    place = await DashboardPlace.create();
    await applyBatch(
      place.store,
      [
        event({ kind: 'joined', at: AT, user: '10', name: 'Zoë' }),
        event({ kind: 'joined', at: AT + 1, user: '9', name: 'Émile' }),
        event({ kind: 'joined', at: AT + 2, user: '8', name: 'Frank' }),
        event({ kind: 'camera_started', at: AT + 3_000, user: '8' }),
        event({ kind: 'meeting_ended', at: AT + 90_000 }),
      ],
      { policy: 'register' },
    );
  });
  afterAll(() => place.close());

  it('lists meetings in the documented shape', async () => {
    const page = (await get('/api/meetings')).json();
    expect(Object.keys(page)).toEqual(['items', 'nextCursor']);
    expect(page.items[0]).toEqual({
      id: expect.any(String),
      accessUrlId: 1,
      remoteId: 'room1',
      internalMeetingId: 'm1',
      title: 'room1',
      status: 'ended',
      running: false,
      createdAt: '2027-01-15T08:00:00.000Z',
      closedAt: '2027-01-15T08:01:30.000Z',
      durationSeconds: 90,
      participants: 3,
      online: 0,
      isBreakout: false,
      parentId: null,
    });
  });

  it('tells a meeting with its totals', async () => {
    const { id } = await onlyMeeting();
    expect((await get(`/api/meetings/${id}`)).json()).toMatchObject({
      id,
      totals: { sessions: 3, onlineSeconds: 268, cameraSeconds: 87, talkSource: 'microphone', reactionsBreakdown: {} },
      presumedEnd: null,
      journal: true,
      parent: null,
      breakouts: [],
      roster: null,
    });
  });

  it('tells participants by name, with each time that they were there', async () => {
    const { id } = await onlyMeeting();
    const { items, absentees, durationSeconds } = (await get(`/api/meetings/${id}/participants`)).json();
    expect([absentees, durationSeconds]).toEqual([[], 90]);
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['Émile', 'Frank', 'Zoë']);
    expect(items[0]).toEqual({
      externalUserId: '9',
      name: 'Émile',
      sessions: 1,
      onlineSeconds: 89,
      onlineShare: 0.9889,
      firstJoinedAt: '2027-01-15T08:00:00.001Z',
      lastLeftAt: '2027-01-15T08:01:30.000Z',
      talkSeconds: 0,
      talkSource: 'microphone',
      microphoneSeconds: 0,
      cameraSeconds: 0,
      screenshareSeconds: 0,
      messages: 0,
      reactions: 0,
      reactionsBreakdown: {},
      hands: 0,
      pollAnswers: 0,
      online: false,
      running: { talk: false, microphone: false, camera: false, screenshare: false },
      sessionTimes: [
        {
          inAt: '2027-01-15T08:00:00.001Z',
          outAt: '2027-01-15T08:01:30.000Z',
          closedBy: 'meeting_ended',
          onlineSeconds: 89,
        },
      ],
    });
  });

  it('tells the timeline in unix ms', async () => {
    const { id } = await onlyMeeting();
    const timeline = (await get(`/api/meetings/${id}/timeline`)).json();
    expect(timeline).toMatchObject({ journal: true, start: AT, end: AT + 90_000 });
    expect(timeline.items[1]).toMatchObject({
      name: 'Frank',
      presence: [[AT + 2, AT + 90_000]],
      camera: [[AT + 3_000, AT + 90_000]],
      messages: [],
    });
  });

  it('tells what goes on, and refuses a time zone that is none', async () => {
    expect((await get('/api/kpis?timeZone=Europe/Madrid')).json()).toEqual({
      activeMeetings: 0,
      connectedNow: 0,
      joinsToday: expect.any(Number),
      eventsLast24h: 5,
      at: expect.any(String),
    });
    expect((await get('/api/kpis?timeZone=Mars')).statusCode).toBe(400);
  });

  it('tells attendance of a room and of a person, and wants one of the two', async () => {
    const room = (await get('/api/attendance?accessUrlId=1&remoteId=room1')).json();
    expect(room).toMatchObject({ title: 'room1', truncated: false, meetings: [{ durationSeconds: 90 }] });
    expect(room.people).toHaveLength(3);
    expect(room.people[2]).toMatchObject({ name: 'Zoë', cells: [{ onlineSeconds: 90, share: 1 }], meetings: 1, share: 1 });
    expect((await get('/api/attendance?accessUrlId=1&person=9')).json()).toMatchObject({
      title: 'Émile',
      people: [{ meetings: 1 }],
    });
    expect((await get('/api/attendance?accessUrlId=1')).statusCode).toBe(400);
    expect((await get('/api/attendance?accessUrlId=1&person=9&remoteId=room1')).statusCode).toBe(400);
  });

  it('is closed to who bears no token, and takes the scheme in any case', async () => {
    const paths = [
      '/api/meetings',
      '/api/meetings/1',
      '/api/meetings/1/participants',
      '/api/meetings/1/timeline',
      '/api/meetings/1/export',
      '/api/export',
      '/api/kpis',
      '/api/attendance?accessUrlId=1&person=1',
      '/api/rosters/r?accessUrlId=1',
      '/api/live',
      '/api/session',
      '/api/system',
      '/api/dead-letters',
      '/api/hooks',
      '/api/hooks/health',
      '/api/hooks/history',
      '/api/openapi.json',
      '/admin/queues',
      '/admin/queues/api/queues',
      '/plugin/Bbb/webhook_dashboard.php/api/meetings',
      '/plugin/Bbb/webhook_dashboard.php/admin/queues/api/queues',
    ];
    for (const path of paths) {
      for (const headers of [{}, { authorization: 'Bearer of-someone-else' }, { authorization: ADMIN_TOKEN }]) {
        expect((await get(path, headers)).statusCode, path).toBe(401);
      }
    }
    expect((await get('/api/meetings', { authorization: `bearer ${ADMIN_TOKEN}` })).statusCode).toBe(200);
  });

  it.each([
    ['/api/meetings?limit=0', 400],
    ['/api/meetings?limit=501', 400],
    ['/api/meetings?limit=many', 400],
    ['/api/meetings?cursor=nonsense', 400],
    ['/api/meetings?sort=anything', 400],
    ['/api/meetings?from=yesterday', 400],
    ['/api/meetings?remoteId=%00', 400],
    ['/api/meetings?from=0000-01-01T00:00:00Z', 400],
    ['/api/attendance?accessUrlId=1&remoteId=room1&to=2016-12-31T23:59:60Z', 400],
    ['/api/export?from=0000-01-01T00:00:00Z', 400],
    ['/api/meetings/abc/participants', 400],
    ['/api/meetings/999999999', 404],
    ['/api/meetings/999999999/participants', 404],
    ['/api/meetings/999999999/timeline', 404],
    ['/api/meetings/999999999/export', 404],
    ['/api/rosters/none?accessUrlId=1', 404],
    ['/api/nothing', 404],
  ])('answers %s with %i and says why', async (path, status) => {
    const answer = await get(path);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ error: expect.any(String), message: expect.any(String) });
    const field = /(from|to)=\d/.exec(path)?.[1];
    if (field !== undefined) expect(answer.json().message).toContain(`querystring/${field} `);
  });

  it('describes every path that it serves', async () => {
    const document = (await get('/api/openapi.json')).json();
    expect(document.openapi).toMatch(/^3\.1/);
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/api/attendance',
      '/api/dead-letters',
      '/api/dead-letters/{id}',
      '/api/dead-letters/{id}/redrive',
      '/api/export',
      '/api/hooks',
      '/api/hooks/ensure',
      '/api/hooks/health',
      '/api/hooks/history',
      '/api/kpis',
      '/api/live',
      '/api/login',
      '/api/logout',
      '/api/meetings',
      '/api/meetings/{id}',
      '/api/meetings/{id}/export',
      '/api/meetings/{id}/participants',
      '/api/meetings/{id}/timeline',
      '/api/rosters/{remoteId}',
      '/api/session',
      '/api/system',
    ]);
    expect(Object.keys(document.paths['/api/meetings'].get.responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '503']),
    );
  });

  it('answers 503 with Retry-After, and is not ready, while the database is away or not migrated', async () => {
    const away = openStore({ databaseUrl: 'postgresql://nobody@127.0.0.1:1/none', maxConnections: 1 });
    const database = await createDatabase();
    const empty = openStore({ databaseUrl: database.url, maxConnections: 1 });
    const settings = readDashboardSettings({ ADMIN_TOKEN });
    for (const store of [away, empty]) {
      const lost = await buildDashboard({
        ...dashboardParts(settings, place.backend, place.deadLetters, store, log),
        ready: () => checkDatabase(store),
        trustedProxies: [],
      });
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      for (const url of ['/api/meetings', '/api/export', '/api/export?format=json']) {
        const answer = await lost.inject({ url, headers });
        expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
        // A browser would keep what says that it failed as the file.
        expect(answer.headers['content-disposition']).toBeUndefined();
        expect(answer.json().error).toBe('database_unreachable');
      }
      expect((await lost.inject('/readyz')).statusCode).toBe(503);
      expect((await lost.inject('/healthz')).statusCode).toBe(200);
      await lost.close();
      await store.close();
    }
    await database.drop();
  });

  it('gives the one meeting by its room', async () => {
    const { id, remoteId } = await onlyMeeting();
    expect((await get(`/api/meetings?remoteId=${encodeURIComponent(remoteId)}`)).json().items).toMatchObject([{ id }]);
    expect((await get('/api/meetings?remoteId=another')).json()).toEqual({ items: [], nextCursor: null });
    expect((await get('/plugin/Bbb/webhook_dashboard.php/api/meetings?remoteId=room1')).json().items).toMatchObject([{ id }]);
  });
});
