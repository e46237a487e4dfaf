import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Closers } from '@bbb-activity/runtime/closers';
import { drainBacklog, sendLoad } from './drive.js';
import { preload } from './load/preload.js';
import { countJournal, countMessages, countTransactions, countWrites, disconnected, readJournal } from './measure/database.js';
import type { Result } from './result.js';
import { type Evidence, resultOf } from './result-of.js';
import type { RunOptions } from './run-options.js';
import { RunningSystem } from './running-system.js';
import type { Scenario } from './scenarios.js';
import { startDelayProxy } from './servers/delay-proxy.js';
import { startRedis } from './servers/redis.js';
import type { Surroundings } from './systems/system.js';

/** The product's default. */
const PARTITIONS = 8;

/** Runs one system through one scenario, on a database, a queue and processes of its own, and looks whether all of it arrived. */
export async function runScenario(options: RunOptions): Promise<Result> {
  const { system, scenario, backend, postgres } = options;
  const closers = new Closers();
  try {
    const dir = await mkdtemp(join(options.dir, `${system.name}-${scenario.name}-`));
    const database = await postgres.createDatabase();
    closers.add(() => database.drop());
    const redis = system.hasQueue && backend === 'redis' ? await startRedis(join(dir, 'redis'), options.appendfsync) : null;
    if (redis !== null) closers.add(() => redis.stop());
    const campus = { seed: options.seed, ...scenario.campus };
    const around: Surroundings = {
      backend,
      databaseUrl: database.url,
      redisUrl: redis?.url ?? '',
      partitions: PARTITIONS,
      dir,
      variables: scenario.variables,
      profileDir: options.profile === null ? null : join(options.profile, `${scenario.name}-${system.name}-${backend}`),
    };
    const count = async () => {
      await disconnected(postgres, database.name);
      return {
        // First what the other questions themselves would add to.
        transactions: await countTransactions(postgres, database.name),
        writes: await countWrites(database.url),
        journalled: await countJournal(database.url),
        messages: await countMessages(database.url),
      };
    };
    if (scenario.preloaded && system.name !== 'noop') await preload(database.url, campus);
    const before = await count();

    const pids = { postgres: postgres.pid, ...(redis === null ? {} : { redis: redis.pid }) };
    const running = new RunningSystem(system, await slowed(around, scenario, closers), pids);
    closers.add(() => running.stop());
    const filling = {
      campus,
      preloaded: scenario.preloaded,
      partitions: PARTITIONS,
      jobPerEvent: system.name === 'job-per-event',
    };
    const driven =
      scenario.load.kind === 'backlog'
        ? await drainBacklog(scenario.load, scenario, filling, around, running, postgres)
        : await sendLoad(scenario.load, scenario, campus, running, postgres);
    await running.stop();

    const evidence: Evidence = {
      before,
      after: await count(),
      journal: await readJournal(database.url, driven.startedAt, driven.ending?.startedAt),
      ending: driven.ending === null ? null : await readJournal(database.url, driven.ending.startedAt),
    };
    return resultOf(options, driven, evidence);
  } finally {
    await closers.close();
  }
}

/** The same surroundings with the database behind a proxy, where the scenario wants it slow. */
async function slowed(around: Surroundings, { statementDelayMs }: Scenario, closers: Closers): Promise<Surroundings> {
  if (statementDelayMs === 0) return around;
  const url = new URL(around.databaseUrl);
  const proxy = await startDelayProxy(Number(url.port), statementDelayMs);
  closers.add(() => proxy.close());
  url.port = String(proxy.port);
  return { ...around, databaseUrl: url.href };
}
