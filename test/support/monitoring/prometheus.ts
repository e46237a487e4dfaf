import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import { debianTool } from '../deploy/debian-tool.js';
import { endWithTests } from '../no-orphans.js';
import { until } from '../until.js';

export interface PrometheusServer {
  /** The result of one query, now. @throws Error with Prometheus' own words where it refuses it */
  query(expr: string): Promise<readonly unknown[]>;
  metricNames(): Promise<ReadonlySet<string>>;
  /** Every rule with what its last evaluation came to. */
  rules(): Promise<readonly { readonly name: string; readonly health: string; readonly lastError: string }[]>;
  stop(): Promise<void>;
}

/** Debian's Prometheus over these jobs (address by name), with a file of rules, each scraped and evaluated once a second. */
export async function startPrometheus(jobs: Readonly<Record<string, string>>, rules: string): Promise<PrometheusServer> {
  const binary = await debianTool('prometheus', 'prometheus');
  const folder = await mkdtemp(join(tmpdir(), 'bbb-activity-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: Object.entries(jobs).map(([name, address]) => ({
      job_name: name,
      static_configs: [{ targets: [new URL(address).host] }],
    })),
  };
  // JSON is YAML too.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const child = spawn(
    binary,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  endWithTests(child);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (words: string) => {
    log = (log + words).slice(-4_000);
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));

  async function ask<T>(path: string): Promise<T> {
    const answer = (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()) as { data: T; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.data;
  }

  await until('Prometheus is ready', async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended at its start: ${log}`);
    return fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return {
    query: async (expr) => (await ask<{ result: readonly unknown[] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    metricNames: async () => new Set(await ask<string[]>('label/__name__/values')),
    rules: async () =>
      (await ask<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>('rules')).groups.flatMap(
        (group) => group.rules.map(({ name, health, lastError = '' }) => ({ name, health, lastError })),
      ),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
