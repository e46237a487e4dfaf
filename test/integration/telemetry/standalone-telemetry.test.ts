import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Standalone, startStandalone } from '@bbb-activity/app-standalone/start';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, LEGACY_PATH, post } from '../../support/bbb-sender.js';
import { KEYS } from '../../support/ingress-server.js';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.js';
import { scrape } from '../../support/scrape.js';
import { createMigratedDatabase, ownPrefix, redisUrl, type TestDatabase } from '../../support/services.js';
import { until } from '../../support/until.js';

const ADMIN_TOKEN = 'token-of-an-admin';

/** The requests that a batch's line tells. */
function told(line: Record<string, unknown>): readonly unknown[] {
  return Array.isArray(line['requests']) ? line['requests'] : [];
}

describe('a running system', () => {
  const lines: Record<string, unknown>[] = [];
  let database: TestDatabase;
  let dataDir: string;
  let standalone: Standalone;
  let metrics: string;
  let collector: OtlpReceiver;

  beforeAll(async () => {
    [database, collector] = await Promise.all([createMigratedDatabase(), startOtlpReceiver()]);
    dataDir = await mkdtemp(join(tmpdir(), 'bbb-activity-telemetry-'));
    const log = createLogger({
      app: 'standalone',
      level: 'info',
      to: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
    });
    const environment = {
      ...KEYS,
      ADMIN_TOKEN,
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl(),
      QUEUE_PREFIX: ownPrefix(),
      PARTITIONS: '2',
      PORT: '0',
      METRICS_PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    };
    standalone = await startStandalone(environment, log, (error) => {
      throw error;
    });
    metrics = String(lines.find(({ msg }) => msg === 'metrics listening')?.['address']);
  });

  afterAll(async () => {
    await standalone?.close();
    await database?.drop();
    await collector?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Resolves once workers have applied so many events in all. */
  async function applied(events: number): Promise<ReadonlyMap<string, number>> {
    return until(`${events} events are applied`, async () => {
      const series = await scrape(metrics);
      const fresh = series.get('bbb_activity_applied_events_total{result="fresh"}') ?? 0;
      const known = series.get('bbb_activity_applied_events_total{result="duplicate"}') ?? 0;
      return fresh + known >= events ? series : undefined;
    });
  }

  it('tells Prometheus what it answered, what it took and what became of it, to the number', async () => {
    const at = Date.now() - 2_000;
    const body = bbbBody([bbbEvent('user-joined', { at }), bbbEvent('user-talking-started', { at: at + 1 })]);
    const unknown = Array.from({ length: 60 }, (_, index) => bbbEvent(`no-such-name-${index}`, { at }));
    expect((await post(callbackUrl(standalone.address), body)).status).toBe(200);
    await applied(2);
    // The same again.
    expect((await post(callbackUrl(standalone.address), body)).status).toBe(200);
    expect((await post(callbackUrl(standalone.address), bbbBody(unknown))).status).toBe(200);
    expect((await post(callbackUrl(standalone.address), 'no body that can be read')).status).toBe(200);
    expect((await post(`${standalone.address}${LEGACY_PATH}?au=1&ts=1&sig=${'0'.repeat(64)}`, body)).status).toBe(403);

    const series = await applied(4);
    expect(Object.fromEntries([...series].filter(([name]) => name.startsWith('bbb_activity_deliveries_total')))).toEqual({
      'bbb_activity_deliveries_total{endpoint="legacy",outcome="accepted",access_url="1"}': 4,
      'bbb_activity_deliveries_total{endpoint="legacy",outcome="bad_signature",access_url=""}': 1,
    });
    const told = (name: string) => series.get(name);
    expect(told('bbb_activity_received_events_total{kind="joined"}')).toBe(2);
    expect(told('bbb_activity_received_events_total{kind="talk_started"}')).toBe(2);
    expect(told('bbb_activity_received_events_total{kind="left"}')).toBe(0);
    expect(told('bbb_activity_applied_events_total{result="fresh"}')).toBe(2);
    expect(told('bbb_activity_applied_events_total{result="duplicate"}')).toBe(2);
    expect(told('bbb_activity_left_out_events_total{why="unknown"}')).toBe(60);
    expect(told('bbb_activity_event_lateness_seconds_count')).toBe(4);
    expect(told('bbb_activity_event_lateness_seconds_bucket{le="1"}')).toBe(0);
    expect(told('bbb_activity_transactions_total')).toBeGreaterThanOrEqual(2);
    expect(told('bbb_activity_batches_total{result="applied"}')).toBe(told('bbb_activity_batch_events_count'));
    expect(told('bbb_activity_unread_sources_total{source="hooks"}')).toBe(0);
    // Names of a sender's own making fill nothing.
    const names = [...series.keys()].filter((name) => name.startsWith('bbb_activity_unknown_names_total'));
    expect(names).toHaveLength(51);
    expect(told('bbb_activity_unknown_names_total{name="other"}')).toBe(10);
  });

  it('tells Prometheus how the queue, the dead letters and the hooks are, as all workers share them', async () => {
    const deadLetters = await DeadLetters.open(standalone.backend);
    await deadLetters.add({ reason: 'not_applicable', detail: 'a test', payload: {}, source: 'a test' });
    const records = new HookLedger(standalone.store).records(1);
    const at = Date.now();
    await records.setServer({ answeredAt: at - 60_000, failures: 2, failingSince: at, problem: 'away', nextLookAt: null });
    await records.open({ event: 'unanswered', reason: 'test', target: null, hookId: null, at, from: at, to: null, meetings: [] });
    await standalone.backend.queue('activity-1').pause();
    try {
      await standalone.backend.queue('activity-1').add('1 item', { items: [] });
      const series = await scrape(metrics);
      expect(series.get('bbb_activity_dead_letters{reason="not_applicable"}')).toBe(1);
      expect(series.get('bbb_activity_bbb_server_up{access_url="1"}')).toBe(0);
      expect(series.get('bbb_activity_hook_problems{access_url="1",cause="unanswered"}')).toBe(1);
      expect(series.get('bbb_activity_hook_problems{access_url="1",cause="lost"}')).toBe(0);
      expect(series.get('bbb_activity_hook_gaps_last_day{access_url="1",cause="unanswered"}')).toBe(1);
      expect(series.get('bbb_activity_queue_waiting_jobs{partition="1"}')).toBe(1);
      expect(series.get('bbb_activity_queue_waiting_jobs{partition="0"}')).toBe(0);
      expect(series.get('bbb_activity_queue_oldest_job_seconds{partition="1"}')).toBeGreaterThanOrEqual(0);
    } finally {
      await standalone.backend.queue('activity-1').resume();
    }
  });

  it('counts and logs a request to the dashboard by its route, with nothing of what stands in its URL', async () => {
    const secret = 'a-token-that-is-none';
    await fetch(`${standalone.address}/api/meetings/4711?token=${secret}`, { headers: { authorization: `Bearer ${secret}` } });
    const series = await scrape(metrics);
    expect(series.get('bbb_activity_http_requests_total{route="/api/meetings/:id",method="GET",status="401"}')).toBe(1);
    const told = lines.filter(({ msg, route }) => msg === 'request' && route === '/api/meetings/:id');
    expect(told).toEqual([expect.objectContaining({ method: 'GET', status: 401, by: null })]);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('tells the ids of requests with their batch, those of a proxy where they are sane, and traces both, linked', async () => {
    const outside = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${outside}-b7ad6b7169203331-01`;
    const send = (user: string, headers: Record<string, string>) =>
      post(callbackUrl(standalone.address), bbbBody([bbbEvent('user-left', { user })]), headers);
    await send('71', { 'x-request-id': 'edge-0123456789abcdef', traceparent });
    await send('72', { 'x-request-id': 'not sane: {"forged":1}' });

    const deliveries = await until('both are logged', () => {
      const told = lines.filter(({ msg, events, trace }) => msg === 'delivery' && events === 1 && trace !== undefined).slice(-2);
      return told.length === 2 && told[0]?.['requestId'] !== undefined ? told : undefined;
    });
    expect(deliveries[0]).toMatchObject({ requestId: 'edge-0123456789abcdef', trace: outside });
    expect(deliveries[1]).not.toHaveProperty('requestId');
    const requests = ['edge-0123456789abcdef', String(deliveries[1]?.['reqId'])];
    for (const request of requests) {
      await until('its batch is logged', () => lines.some((line) => line['msg'] === 'batch' && told(line).includes(request)));
    }

    const traced = await until('the spans of both have arrived', () => {
      const of = (name: string, request: string) =>
        collector.spans.find((span) => span.name === name && JSON.stringify(span.attributes).includes(request));
      const [first, second] = requests.map((request) => of('delivery', request));
      const publishes = [first, second].map((span) =>
        collector.spans.find(({ name, parentSpanId }) => name === 'publish' && parentSpanId === span?.spanId),
      );
      const batches = publishes.map((publish) =>
        collector.spans.find(
          ({ name, links = [] }) => name === 'batch' && links.some(({ spanId }) => spanId === publish?.spanId),
        ),
      );
      const transactions = batches.map((batch) =>
        collector.spans.find(({ name, parentSpanId }) => name === 'transaction' && parentSpanId === batch?.spanId),
      );
      return [first, second, ...publishes, ...transactions].every((span) => span !== undefined)
        ? { first, second, batches }
        : undefined;
    });
    expect(traced.first).toMatchObject({ traceId: outside, parentSpanId: 'b7ad6b7169203331' });
    expect(traced.second?.traceId).not.toBe(outside);
    expect(traced.second?.parentSpanId ?? '').toBe('');
    for (const batch of traced.batches) expect([outside, traced.second?.traceId]).not.toContain(batch?.traceId);
    for (const secret of ['sig=', 'User 71', 'forged', KEYS.BBB_SECRET]) expect(collector.text()).not.toContain(secret);
    expect(JSON.stringify(lines)).not.toContain('forged');
  });

  it('serves nothing but metrics and its health on the port for operators, and no metrics on the one for the world', async () => {
    expect((await fetch(`${metrics}/api/meetings`)).status).toBe(404);
    expect((await fetch(`${metrics}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${metrics}/readyz`)).json()).toEqual({ ok: true, queue: 'ok', database: 'ok' });
    expect((await fetch(`${standalone.address}/metrics`)).status).toBe(404);
  });
});
