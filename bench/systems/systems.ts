import { KEYS } from '../load/keys.js';
import { type ServerProcess, startNode } from '../servers/children.js';
import { logFile, type Surroundings, type System, type SystemName } from './system.js';

/** The product, by the commands of production (`start:ingress`, `start:worker` of package.json), with its defaults. */
const product: System = {
  name: 'product',
  hasQueue: true,
  startServer: (around, port) => start('ingress', 'apps/ingress/dist/main.js', around, port),
  startWorker: (around, index) => start(`worker-${index}`, 'apps/worker/dist/main.js', around),
};

/** What a web server costs that does nothing. */
const noop: System = {
  name: 'noop',
  hasQueue: false,
  startServer: (around, port) => start('noop', 'bench/dist/rivals/noop.js', around, port),
  startWorker: () => noWorker('noop'),
};

/** The request writes the rows, and is answered when they are committed. */
const sync: System = {
  name: 'sync',
  hasQueue: false,
  startServer: (around, port) => start('sync', 'bench/dist/rivals/sync.js', around, port),
  startWorker: () => noWorker('sync'),
};

/** The same queues and the same transaction, but a job for each event and a transaction for each job. */
const jobPerEvent: System = {
  name: 'job-per-event',
  hasQueue: true,
  startServer: (around, port) => start('ingress', 'bench/dist/rivals/job-per-event-ingress.js', around, port),
  startWorker: (around, index) => start(`worker-${index}`, 'bench/dist/rivals/job-per-event-worker.js', around),
};

export const SYSTEMS: Readonly<Record<SystemName, System>> = { product, noop, sync, 'job-per-event': jobPerEvent };

function start(name: string, main: string, around: Surroundings, port?: number): ServerProcess {
  const environment = {
    ...KEYS,
    HOST: '127.0.0.1',
    DATABASE_URL: around.databaseUrl,
    PARTITIONS: String(around.partitions),
    ...(around.backend === 'redis' ? { REDIS_URL: around.redisUrl } : {}),
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...around.variables,
  };
  // Node writes a profile when a process ends as it should.
  const profiled =
    around.profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${around.profileDir}`, `--cpu-prof-name=${name}.cpuprofile`];
  return startNode(name, [...profiled, main], environment, logFile(around, name));
}

function noWorker(name: string): never {
  throw new Error(`${name} has no workers`);
}
