import type { CampusOptions } from '@bbb-activity/simulator/campus';
import { startNode } from '../servers/children.js';
import { logFile, type Surroundings } from '../systems/system.js';

export interface BacklogOptions {
  readonly campus: CampusOptions;
  readonly preloaded: boolean;
  readonly events: number;
  readonly partitions: number;
  readonly jobPerEvent: boolean;
}

/** Fills the queue as ingress would while no worker runs, by the same parser and publisher, in a process of its own. */
export async function fillBacklog(around: Surroundings, options: BacklogOptions): Promise<void> {
  const environment = {
    DATABASE_URL: around.databaseUrl,
    ...(around.backend === 'redis' ? { REDIS_URL: around.redisUrl } : {}),
    ...around.variables,
  };
  const log = logFile(around, 'backlog');
  const child = startNode('backlog', ['bench/dist/load/backlog-main.js', JSON.stringify(options)], environment, log);
  await child.ended;
}
