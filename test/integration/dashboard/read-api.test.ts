import { buildDashboard } from '@bbb-activity/app-dashboard/app';
import { storeMeetingReader } from '@bbb-activity/app-dashboard/meeting-reader';
import { storeHooks } from '@bbb-activity/app-dashboard/store-hooks';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { openStore } from '@bbb-activity/store/client';
import { checkDatabase } from '@bbb-activity/store/ready';
import { createLogger } from '@bbb-activity/telemetry/logger';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../../support/services.js';
import { createStore, event, type StoreFixture } from '../store/store-fixture.js';

const TOKEN = 'a-token-of-an-admin';
const log = createLogger({ app: 'test', level: 'silent' });

describe('the read API', () => {
  let fixture: StoreFixture;
  let app: FastifyInstance;

  beforeAll(async () => {
    fixture = await createStore();
    const { store } = fixture;
    app = await buildDashboard({
      meetings: storeMeetingReader(store),
      hooks: storeHooks({}, store),
      adminToken: TOKEN,
      ready: () => checkDatabase(store),
      log,
    });
    const at = 1_800_000_000_000;
    await applyBatch(
      store,
      [
        event({ kind: 'joined', at, user: '10', name: 'Zoë' }),
        event({ kind: 'joined', at: at + 1, user: '9', name: 'Émile' }),
        event({ kind: 'joined', at: at + 2, user: '8', name: 'Frank' }),
        event({ kind: 'meeting_ended', at: at + 90_000 }),
      ],
      { policy: 'register' },
    );
  });
  afterAll(async () => {
    await app.close();
    await fixture.close();
  });

  const get = (url: string, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    app.inject({ url, headers });
  const onlyMeeting = async (): Promise<{ id: string }> => (await get('/api/meetings')).json().items[0];

  it('lists meetings and participants in the documented shape, people by name', async () => {
    const page = (await get('/api/meetings')).json();
    expect(Object.keys(page)).toEqual(['items', 'nextCursor']);
    expect(Object.keys(page.items[0]).toSorted()).toEqual(
      ['id', 'remoteId', 'internalMeetingId', 'title', 'status', 'createdAt', 'closedAt'].toSorted(),
    );
    expect(page.items[0]).toMatchObject({
      status: 'ended',
      createdAt: '2027-01-15T08:00:00.000Z',
      closedAt: '2027-01-15T08:01:30.000Z',
    });
    const { items } = (await get(`/api/meetings/${page.items[0].id}/participants`)).json();
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['Émile', 'Frank', 'Zoë']);
    expect(items[0]).toEqual({
      externalUserId: '9',
      name: 'Émile',
      sessions: 1,
      onlineSeconds: 89,
      talkSeconds: 0,
      talkSource: 'microphone',
      microphoneSeconds: 0,
      cameraSeconds: 0,
      messages: 0,
      reactions: 0,
      reactionsBreakdown: {},
      hands: 0,
      online: false,
    });
  });

  it('is closed to who bears no token, and takes the scheme in any case', async () => {
    for (const path of ['/api/meetings', '/api/meetings/1/participants', '/api/openapi.json']) {
      for (const headers of [{}, { authorization: 'Bearer of-someone-else' }, { authorization: TOKEN }]) {
        expect((await get(path, headers)).statusCode, path).toBe(401);
      }
    }
    expect((await get('/api/meetings', { authorization: `bearer ${TOKEN}` })).statusCode).toBe(200);
  });

  it.each([
    ['/api/meetings?limit=0', 400],
    ['/api/meetings?limit=501', 400],
    ['/api/meetings?limit=many', 400],
    ['/api/meetings?cursor=nonsense', 400],
    ['/api/meetings?remoteId=%00', 400],
    ['/api/meetings/abc/participants', 400],
    ['/api/meetings/999999999/participants', 404],
    ['/api/nothing', 404],
  ])('answers %s with %i and says why', async (path, status) => {
    const answer = await get(path);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ error: expect.any(String), message: expect.any(String) });
  });

  it('describes every path that it serves', async () => {
    const document = (await get('/api/openapi.json')).json();
    expect(document.openapi).toMatch(/^3\.1/);
    expect(
      Object.keys(document.paths)
        .filter((path) => path.startsWith('/api/meetings'))
        .toSorted(),
    ).toEqual(['/api/meetings', '/api/meetings/{id}/participants']);
    expect(Object.keys(document.paths['/api/meetings'].get.responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '503']),
    );
  });

  it('answers 503 with Retry-After, and is not ready, while the database is away or not migrated', async () => {
    const away = openStore({ databaseUrl: 'postgresql://nobody@127.0.0.1:1/none', maxConnections: 1 });
    const database = await createDatabase();
    const empty = openStore({ databaseUrl: database.url, maxConnections: 1 });
    for (const store of [away, empty]) {
      const lost = await buildDashboard({
        meetings: storeMeetingReader(store),
        hooks: storeHooks({}, store),
        adminToken: TOKEN,
        ready: () => checkDatabase(store),
        log,
      });
      const headers = { authorization: `Bearer ${TOKEN}` };
      const answer = await lost.inject({ url: '/api/meetings', headers });
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
      expect((await lost.inject('/readyz')).statusCode).toBe(503);
      expect((await lost.inject('/healthz')).statusCode).toBe(200);
      await lost.close();
      await store.close();
    }
    await database.drop();
  });

  it('gives the one meeting by its room', async () => {
    const { id } = await onlyMeeting();
    const room = (await get('/api/meetings')).json().items[0].remoteId;
    expect((await get(`/api/meetings?remoteId=${encodeURIComponent(room)}`)).json().items).toMatchObject([{ id }]);
    expect((await get('/api/meetings?remoteId=another')).json()).toEqual({ items: [], nextCursor: null });
  });
});
