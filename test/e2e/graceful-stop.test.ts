import { Agent, request } from 'node:http';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppProcess, startApp } from '../support/app-process.js';
import { bbbBody, bbbEvent, callbackUrl, post } from '../support/bbb-sender.js';
import { KEYS } from '../support/ingress-server.js';
import { QUEUES } from '../support/queues.js';
import { createMigratedDatabase, ownPrefix, redisUrl, type TestDatabase } from '../support/services.js';
import { until } from '../support/until.js';

describe.each(QUEUES)('stopping a worker in the middle of a batch, with the queue in %s', (_name, onRedis) => {
  let database: TestDatabase;
  let db: pg.Client;
  let environment: Record<string, string>;
  const apps: AppProcess[] = [];

  beforeEach(async () => {
    database = await createMigratedDatabase();
    db = new pg.Client({ connectionString: database.url });
    await db.connect();
    environment = {
      ...KEYS,
      DATABASE_URL: database.url,
      QUEUE_PREFIX: ownPrefix(),
      PARTITIONS: '1',
      ...(onRedis ? { REDIS_URL: redisUrl() } : {}),
    };
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.stop('SIGKILL')));
    await db.end();
    await database.drop();
  });

  async function start(app: 'ingress' | 'worker'): Promise<AppProcess> {
    const running = await startApp(app, environment);
    apps.push(running);
    return running;
  }

  const count = async (table: string): Promise<number> =>
    Number((await db.query(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n);

  it('loses and doubles nothing', async () => {
    const ingress = await start('ingress');
    const worker = await start('worker');
    const url = callbackUrl(ingress.address);
    const send = (name: string, at: number) => post(url, bbbBody([bbbEvent(name, { at })]));
    await send('user-joined', 1_800_000_000_000);
    await until('the first event has its row', async () => (await count('conference_activity')) === 1);

    // The row is held, so the next batch stands inside its transaction for as long as this one.
    await db.query('BEGIN');
    await db.query('SELECT 1 FROM participant FOR UPDATE');
    for (let index = 1; index <= 30; index += 1) await send('chat-message-posted', 1_800_000_000_000 + index);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    const blocked = async () =>
      (await other.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"))
        .rowCount;
    await until('a batch waits inside its transaction', blocked);

    const stopped = worker.stop('SIGTERM');
    await until('the worker is stopping', () => worker.lines.find(({ msg }) => msg === 'stopping'));
    expect(await blocked()).toBe(1);
    await db.query('COMMIT');
    await other.end();
    expect(await stopped).toBe(0);

    const applied = await count('conference_event');
    expect(applied).toBeGreaterThan(1);
    await start('worker');
    await until('every event is journalled', async () => (await count('conference_event')) === 31);
    const messages = async () => (await db.query('SELECT messages FROM conference_activity')).rows.map((row) => row.messages);
    await until('every message is counted', async () => (await messages())[0] === 30);
    expect(await messages()).toEqual([30]);
  });
});

describe('stopping ingress', () => {
  it('answers what comes over a kept connection meanwhile, and has the sender come over another next time', async () => {
    const ingress = await startApp('ingress', { ...KEYS, REDIS_URL: redisUrl(), QUEUE_PREFIX: ownPrefix(), PARTITIONS: '1' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (at: number) => statusOver(agent, callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined', { at })]));
    try {
      expect(await send(1_800_000_000_000)).toEqual({ status: 200, connection: 'keep-alive' });
      const stopped = ingress.stop('SIGTERM');
      await until('ingress is stopping', () => ingress.lines.find(({ msg }) => msg === 'stopping'));
      expect(await send(1_800_000_000_001)).toEqual({ status: 200, connection: 'close' });
      expect(await stopped).toBe(0);
    } finally {
      agent.destroy();
      await ingress.stop('SIGKILL');
    }
  });
});

function statusOver(agent: Agent, url: string, body: string): Promise<{ status: number; connection: string }> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume().once('end', () => {
        done({ status: response.statusCode ?? 0, connection: response.headers.connection ?? '' });
      });
    });
    sent.once('error', fail).end(body);
  });
}
