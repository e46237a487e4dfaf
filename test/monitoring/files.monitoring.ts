import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { debianTool } from '../support/deploy/debian-tool.js';
import { DASHBOARD_SCHEMA } from '../support/monitoring/dashboard-schema.js';
import { type Dashboard, readDashboards } from '../support/monitoring/dashboards.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

async function promtool(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(await debianTool('promtool', 'prometheus'), args, { cwd: ROOT });
  return stdout + stderr;
}

describe('the alert rules', () => {
  it('fire and are silent as their tests say, by promtool', async () => {
    expect(await promtool('test', 'rules', 'test/monitoring/alerts.test.yml')).toContain('SUCCESS');
  });

  it('are in a configuration that Prometheus takes', async () => {
    expect(await promtool('check', 'config', 'deploy/prometheus/prometheus.yml')).not.toContain('FAILED');
  });

  it('each have a test in which they fire, a summary and a severity, and words for the operator', async () => {
    const read = (path: string) => readFile(`${ROOT}${path}`, 'utf8');
    interface Rule {
      readonly alert: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string };
    }
    const { groups } = parse(await read('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
    const rules = groups.flatMap((group) => group.rules);
    const { tests } = parse(await read('test/monitoring/alerts.test.yml')) as {
      tests: { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const firing = tests.flatMap(({ alert_rule_test: cases = [] }) => cases).filter((one) => one.exp_alerts.length > 0);
    expect(rules.map(({ alert }) => alert).toSorted()).toEqual([...new Set(firing.map(({ alertname }) => alertname))].toSorted());
    const guide = await read('docs/operations.md');
    for (const { alert, labels, annotations } of rules) {
      expect(['critical', 'warning', 'info'], alert).toContain(labels.severity);
      expect(annotations.summary, alert).not.toBe('');
      expect(guide, alert).toContain(`\`${alert}\``);
    }
  });
});

describe('the dashboards', () => {
  it('have the form that Grafana reads', async () => {
    const validate = new Ajv({ allErrors: true, strict: false }).compile(DASHBOARD_SCHEMA);
    const dashboards = await readDashboards();
    expect(dashboards.length).toBeGreaterThan(0);
    for (const dashboard of dashboards) {
      validate(dashboard);
      expect(validate.errors ?? [], dashboard.title).toEqual([]);
    }
  });

  it('show each panel at a place of its own, under an id of its own', async () => {
    for (const { panels } of await readDashboards()) {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const [index, one] of panels.entries()) {
        expect(one.gridPos.x + one.gridPos.w, one.title).toBeLessThanOrEqual(24);
        for (const other of panels.slice(index + 1)) expect(overlap(one, other), `${one.title} and ${other.title}`).toBe(false);
      }
    }
  });

  it('are all in the folder that the provisioned provider reads, over the provisioned source', async () => {
    const provider = await readFile(`${ROOT}deploy/grafana/provisioning/dashboards/bbb-activity.yml`, 'utf8');
    const compose = parse(await readFile(`${ROOT}docker-compose.yml`, 'utf8')) as {
      services: { grafana: { volumes: string[] } };
    };
    const path = (parse(provider) as { providers: { options: { path: string } }[] }).providers[0]?.options.path;
    expect(compose.services.grafana.volumes).toContain(`./deploy/grafana/dashboards:${path}:ro`);
    expect(await readdir(`${ROOT}deploy/grafana/provisioning/datasources`)).toEqual(['prometheus.yml']);
  });
});

function overlap({ gridPos: a }: Dashboard['panels'][number], { gridPos: b }: Dashboard['panels'][number]): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
