import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CampusOptions } from '@bbb-activity/simulator/campus';
import { startNode } from '../servers/children.js';
import { logFile, type Surroundings } from '../systems/system.js';

/** What a backlog holds. */
export interface BacklogReport {
  readonly events: number;
  /** Chat messages: a number that can be found again in the rows. */
  readonly messages: number;
}

export interface BacklogOptions {
  readonly campus: CampusOptions;
  readonly preloaded: boolean;
  /** So many events of the campus are left out: an earlier part of the backlog had them. */
  readonly skipped: number;
  readonly events: number;
  readonly partitions: number;
  readonly jobPerEvent: boolean;
  /** Where the {@link BacklogReport} is written, as JSON. */
  readonly reportFile: string;
}

/** Fills the queue as ingress would while no worker runs, by the same parser and publisher, in a process of its own. */
export async function fillBacklog(around: Surroundings, filling: Omit<BacklogOptions, 'reportFile'>): Promise<BacklogReport> {
  const options: BacklogOptions = { ...filling, reportFile: join(around.dir, 'backlog.json') };
  const environment = {
    DATABASE_URL: around.databaseUrl,
    ...(around.backend === 'redis' ? { REDIS_URL: around.redisUrl } : {}),
    ...around.variables,
  };
  const log = logFile(around, 'backlog');
  const child = startNode('backlog', ['bench/dist/load/backlog-main.js', JSON.stringify(options)], environment, log);
  await child.ended;
  return JSON.parse(await readFile(options.reportFile, 'utf8')) as BacklogReport;
}
