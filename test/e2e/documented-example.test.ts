import { signedLegacyQuery } from '@bbb-activity/signatures/legacy-url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppProcess, startApp } from '../support/app-process.js';
import { createMigratedDatabase, ownPrefix, redisUrl, type TestDatabase } from '../support/services.js';
import { until } from '../support/until.js';

const SALT = 'salt-of-the-plugin';
const ADMIN_TOKEN = 'token-of-an-admin';

/** As the documentation of the webhook writes it: JSON, times in seconds. */
function talking(name: 'user-talking-started' | 'user-talking-stopped', ts: number): string {
  return JSON.stringify({
    events: [
      {
        data: {
          type: 'event',
          id: name,
          attributes: {
            meeting: { 'external-meeting-id': 'chamilo-meeting-abc123' },
            user: { 'external-user-id': '42', name: 'Ada' },
          },
          event: { ts },
        },
      },
    ],
  });
}

describe('the documented example, through separate ingress, worker and dashboard processes on Redis', () => {
  let database: TestDatabase;
  const apps: AppProcess[] = [];
  let ingress: AppProcess;
  let dashboard: AppProcess;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    const environment = {
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl(),
      QUEUE_PREFIX: ownPrefix(),
      WEBHOOK_SALT: SALT,
      ADMIN_TOKEN,
    };
    [ingress, dashboard] = await Promise.all([
      startApp('ingress', environment),
      startApp('dashboard', environment),
      startApp('worker', environment).then((worker) => apps.push(worker)),
    ]);
    apps.push(ingress, dashboard);
  });

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await database.drop();
  });

  async function post(body: string): Promise<Response> {
    const query = signedLegacyQuery({ accessUrlId: 1, meetingId: '', timestamp: Math.floor(Date.now() / 1_000) }, SALT);
    return fetch(`${ingress.address}/plugin/Bbb/webhook.php?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  }

  async function activityRow(): Promise<{ close: boolean; metrics: unknown } | undefined> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const { rows } = await client.query<{ close: boolean; metrics: unknown }>('SELECT close, metrics FROM conference_activity');
      return rows[0];
    } finally {
      await client.end();
    }
  }

  it('opens a row at the talking start and counts 142 seconds of talk at the stop', async () => {
    const started = await post(talking('user-talking-started', 1_715_520_123));
    expect(started.status).toBe(200);
    expect(await started.json()).toMatchObject({ ok: true, events: 1 });
    const open = await until('a row is open', activityRow);
    expect(open).toMatchObject({
      close: false,
      metrics: { temp: { talk_started_at: 1_715_520_123 }, totals: { talk_seconds: 0 } },
    });

    expect((await post(talking('user-talking-stopped', 1_715_520_265))).status).toBe(200);
    const row = await until('the talk time is told', async () => {
      const found = await activityRow();
      return JSON.stringify(found?.metrics).includes('"talk_seconds":142') ? found : undefined;
    });
    expect(row.metrics).toEqual({
      totals: { talk_seconds: 142, camera_seconds: 0 },
      counts: { messages: 0, reactions: 0, hands: 0, reactions_breakdown: {} },
      temp: { talk_started_at: 0, camera_started_at: 0 },
    });
  });

  it('tells it by the read API, to who bears the token', async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    expect((await fetch(`${dashboard.address}/api/meetings`)).status).toBe(401);
    const page = (await (
      await fetch(`${dashboard.address}/api/meetings?remoteId=chamilo-meeting-abc123`, { headers })
    ).json()) as {
      items: { id: string; remoteId: string }[];
    };
    expect(page).toMatchObject({
      items: [{ remoteId: 'chamilo-meeting-abc123', internalMeetingId: null, closedAt: null }],
      nextCursor: null,
    });
    const participants: unknown = await (
      await fetch(`${dashboard.address}/api/meetings/${page.items[0]?.id}/participants`, { headers })
    ).json();
    expect(participants).toMatchObject({
      items: [{ externalUserId: '42', name: 'Ada', sessions: 1, talkSeconds: 142, talkSource: 'talking', microphoneSeconds: 0 }],
    });
  });
});
