import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { openStore } from '@bbb-activity/store/client';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AppProcess, startApp } from '../support/app-process.js';
import { bbbBody, bbbEvent, callbackUrl, LEGACY_PATH, post } from '../support/bbb-sender.js';
import { KEYS } from '../support/ingress-server.js';
import { readDashboards } from '../support/monitoring/dashboards.js';
import { namedMetrics } from '../support/monitoring/named-metrics.js';
import { type PrometheusServer, startPrometheus } from '../support/monitoring/prometheus.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { createMigratedDatabase, ownPrefix, type TestDatabase } from '../support/services.js';
import { until } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RULES = `${ROOT}deploy/prometheus/alerts.yml`;
const ADMIN_TOKEN = 'token-of-an-admin';
const APPS = ['ingress', 'worker', 'dashboard'] as const;

describe('every query of the dashboards and the alerts, on the running system', () => {
  const apps: AppProcess[] = [];
  let redis: RedisServer;
  let database: TestDatabase;
  let backend: QueueBackend;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    [redis, database] = await Promise.all([startRedisServer({ maxmemory: '256mb' }), createMigratedDatabase()]);
    const prefix = ownPrefix();
    const environment = {
      ...KEYS,
      ADMIN_TOKEN,
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      QUEUE_PREFIX: prefix,
      METRICS_PORT: '0',
    };
    apps.push(...(await Promise.all(APPS.map((app) => startApp(app, environment)))));
    backend = await connectBackend({ kind: 'redis', url: redis.url, prefix });
    await haveSomethingToTell();
    const jobs = await Promise.all(
      apps.map(async (app, index) => [`bbb-activity-${APPS[index]}`, await metricsOf(app)] as const),
    );
    prometheus = await startPrometheus(Object.fromEntries(jobs), RULES);
    await until('each process was read some times while something happened', async () => {
      await deliver();
      return (await prometheus.query('count_over_time(up{job=~"bbb-activity-.*"}[1m]) >= 4')).length === APPS.length;
    });
  });

  afterAll(async () => {
    await Promise.all([prometheus?.stop(), backend?.close(), ...apps.map((app) => app.stop())]);
    await Promise.all([redis?.stop(), database?.drop()]);
  });

  const metricsOf = (app: AppProcess) =>
    until(
      'the metrics are served',
      () => app.lines.find(({ msg }) => msg === 'metrics listening')?.['address'] as string | undefined,
    );

  let sent = 0;
  async function deliver(): Promise<void> {
    const [ingress, , dashboard] = apps;
    sent += 1;
    const body = bbbBody([bbbEvent('user-joined', { user: String(sent) }), bbbEvent(`unknown-name-${sent}`)]);
    await post(callbackUrl(ingress?.address ?? ''), body);
    await fetch(`${dashboard?.address}/api/meetings`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  }

  /** One of each that a query may name. */
  async function haveSomethingToTell(): Promise<void> {
    const [ingress] = apps;
    await post(`${ingress?.address}${LEGACY_PATH}?au=1&ts=1&sig=${'0'.repeat(64)}`, '');
    const letters = await DeadLetters.open(backend);
    await letters.add({ reason: 'not_applicable', detail: 'a test', payload: {}, source: 'a test' });
    const store = openStore({ databaseUrl: database.url, maxConnections: 1 });
    const at = Date.now();
    const records = new HookLedger(store).records(1);
    await records.setServer({ answeredAt: at, failures: 0, failingSince: null, problem: null, nextLookAt: null });
    await store.close();
  }

  it('is taken by Prometheus, names metrics that are there, and finds something where a panel shows it', async () => {
    const names = await prometheus.metricNames();
    const wrong: string[] = [];
    let asked = 0;
    const ask = async (where: string, expr: string, finds: boolean) => {
      asked += 1;
      for (const metric of namedMetrics(expr)) if (!names.has(metric)) wrong.push(`${where}: no metric ${metric}`);
      const result = await prometheus.query(expr).catch((error: Error) => void wrong.push(`${where}: ${error.message}`));
      if (finds && result?.length === 0) wrong.push(`${where}: nothing found by ${expr}`);
    };
    for (const { panels } of await readDashboards()) {
      for (const { title, targets = [] } of panels) {
        for (const { expr } of targets) await ask(title, expr.replaceAll('$__rate_interval', '1m'), true);
      }
    }
    const { groups } = parse(await readFile(RULES, 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] };
    for (const { alert, expr } of groups.flatMap(({ rules }) => rules)) await ask(alert, expr, false);
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(50);
  });

  it('is evaluated as a rule without an error, and those of a system that does well are silent', async () => {
    const rules = await until('each rule is evaluated', async () => {
      const all = await prometheus.rules();
      return all.length > 10 && all.every(({ health }) => health !== 'unknown') ? all : undefined;
    });
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const firing = (await prometheus.query('ALERTS{alertstate="firing"}')) as { metric: { alertname: string } }[];
    const expected = new Set(['BbbActivityDeadLetters', 'BbbActivityUnknownNames']);
    expect(firing.map(({ metric }) => metric.alertname).filter((name) => !expected.has(name))).toEqual([]);
    expect(firing.map(({ metric }) => metric.alertname)).toContain('BbbActivityDeadLetters');
  });

  it('stands beside a list of all metrics that is whole: each that a process tells is documented, and each documented is told', async () => {
    const names = await prometheus.metricNames();
    const told = new Set(
      [...names].filter((name) => name.startsWith('bbb_activity_')).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    const document = await readFile(`${ROOT}docs/monitoring.md`, 'utf8');
    const documented = new Set(
      [...document.matchAll(/^\| (`bbb_activity_[^|]+)\|/gm)].flatMap(([, cell = '']) => cell.match(/bbb_activity_\w+/g) ?? []),
    );
    for (const name of [
      'bbb_activity_info',
      'bbb_activity_http_requests_total',
      'bbb_activity_http_request_seconds',
      'bbb_activity_unread_sources_total',
    ]) {
      expect(document).toContain(`\`${name}\``);
      documented.add(name);
    }
    expect([...told].toSorted()).toEqual([...documented].toSorted());
  });
});
