import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDashboard } from '@bbb-activity/app-dashboard/app';
import { dashboardParts, readDashboardSettings } from '@bbb-activity/app-dashboard/start';
import { startEmbeddedPostgres } from '@bbb-activity/app-standalone/embedded-postgres';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { Closers } from '@bbb-activity/runtime/closers';
import { openStore } from '@bbb-activity/store/client';
import { migrate } from '@bbb-activity/store/migrate';
import { checkDatabase } from '@bbb-activity/store/ready';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { treeCpuMs } from '../measure/processes.js';
import { measureExport } from './export-memory.js';
import { fill } from './fill.js';
import { measuredRequests } from './requests.js';

/** The dashboard's requests over HTTP, one after another, and its largest exports, on ten thousand meetings (docs/dashboard.md, "Speed"). */
const FILLING = { meetings: 10_000, people: 10, bigPeople: 500 };
const WARM_UP = 2;
const TIMES = 20;
/** The most MB that an export of everything may keep alive. */
const HEAP_BAR = 32;
const MB = 2 ** 20;

const load = loadavg()
  .map((one) => one.toFixed(1))
  .join(' ');
const closers = new Closers();
try {
  const dir = await mkdtemp(join(tmpdir(), 'bbb-activity-bench-dashboard-'));
  closers.add(() => rm(dir, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), password: randomBytes(12).toString('hex') });
  closers.add(() => postgres.stop());
  await migrate(postgres.url);
  const store = openStore({ databaseUrl: postgres.url, maxConnections: 4 });
  closers.add(() => store.close());
  const meeting = await fill(store, FILLING);
  const backend = await connectBackend({ kind: 'postgres', url: postgres.url, prefix: 'bench' });
  closers.add(() => backend.close());
  const log = createLogger({ app: 'bench', level: 'silent' });
  const token = randomBytes(24).toString('hex');
  const settings = readDashboardSettings({ ADMIN_TOKEN: token });
  const app = await buildDashboard({
    ...dashboardParts(settings, backend, await DeadLetters.open(backend), store, log),
    ready: () => checkDatabase(store),
    trustedProxies: [],
  });
  closers.add(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });

  const ask = async (path: string): Promise<number> => {
    const start = performance.now();
    const answer = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}`);
    return performance.now() - start;
  };
  let missed = 0;
  process.stdout.write('| request | processor ms | p50 ms | p95 ms | bar ms | |\n| --- | --- | --- | --- | --- | --- |\n');
  for (const { name, path, bar } of measuredRequests(meeting)) {
    for (let run = 0; run < WARM_UP; run += 1) await ask(path);
    const took: number[] = [];
    // Of this process, the client in it, and of PostgreSQL: it says more than the clock where the machine does other work.
    const before = await treeCpuMs(process.pid);
    for (let run = 0; run < TIMES; run += 1) took.push(await ask(path));
    const processor = ((await treeCpuMs(process.pid)) - before) / TIMES;
    took.sort((a, b) => a - b);
    const at = (share: number) => took[Math.ceil(share * TIMES) - 1] ?? Number.NaN;
    const met = at(0.95) <= bar;
    if (!met) missed += 1;
    process.stdout.write(
      `| ${name} | ${processor.toFixed(1)} | ${at(0.5).toFixed(1)} | ${at(0.95).toFixed(1)} | ${bar} | ${met ? 'met' : 'missed'} |\n`,
    );
  }
  process.stdout.write('\n| export of all | MB | s | heap grew by MB | bar | |\n| --- | --- | --- | --- | --- | --- |\n');
  for (const query of ['rows=participant', 'rows=session', 'format=json']) {
    const { bytes, seconds, heapGrowth } = await measureExport(`${address}/api/export?${query}`, token);
    const met = heapGrowth <= HEAP_BAR * MB;
    if (!met) missed += 1;
    const figures = [bytes / MB, seconds, heapGrowth / MB].map((figure) => figure.toFixed(1));
    process.stdout.write(`| ${query} | ${figures.join(' | ')} | ${HEAP_BAR} | ${met ? 'met' : 'missed'} |\n`);
  }
  process.stdout.write(
    `\nload of the machine: ${load} before, ${loadavg()
      .map((one) => one.toFixed(1))
      .join(' ')} after\n`,
  );
  if (missed > 0) process.exitCode = 1;
} finally {
  await closers.close();
}
