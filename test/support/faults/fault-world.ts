import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { scaledClock } from '@bbb-activity/simulator/bbb-clock';
import { LOST_ANSWER } from '@bbb-activity/simulator/bbb-sender';
import { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';
import { migrate } from '@bbb-activity/store/migrate';
import pg from 'pg';
import { onTestFailed } from 'vitest';
import { type AppName, type AppProcess, startApp } from '../app-process.js';
import { KEYS } from '../ingress-server.js';
import { identityKeyOf } from '../law/whole-fold.js';
import { until } from '../until.js';
import { FaultProcesses } from './fault-processes.js';
import { type FaultReport, reportOf } from './fault-report.js';
import { faultSeed } from './fault-seed.js';
import { FaultPostgres, FaultRedis } from './fault-servers.js';
import { FaultTraffic } from './fault-traffic.js';
import { Progress } from './progress.js';
import { TcpGate } from './tcp-gate.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

export const PARTITIONS = 4;
const PREFIX = 'faults';
/** One answer in so many gets lost on its way, so that the sender posts what was taken already. */
const LOST_ANSWERS = 40;
/** Of a process that ends while it starts, as systemd and compose try again too. */
const STARTS = 5;

export interface WorldOptions {
  /** Of what the people do. Default: {@link faultSeed}. */
  readonly seed?: number;
  /** How fast the BBB server's clock runs, its retries included. Default 1. */
  readonly timeScale?: number;
  /** Beyond what every world has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Of each app alone: its clock, for one. */
  readonly environmentOf?: (app: AppName, number: number) => Readonly<Record<string, string>>;
  /** Events a second. Default 60. */
  readonly rate?: number;
  readonly workers?: number;
  /** Default: a folder below the system's own for temporary files. */
  readonly postgresDir?: string;
  readonly redisDir?: string;
}
type SeededOptions = WorldOptions & { readonly seed: number };

/**
 * A whole installation, all of it real processes, with a BBB server that has a hook there and tells it what people do in six meetings. Between the parts
 * are gates, by which the network can fail:
 *
 *     BBB server ─▶ front ─▶ ingress ─▶ queueGate ─▶ Redis ◀─ queueGate ◀─ workers ─▶ databaseGate ─▶ PostgreSQL
 */
export class FaultWorld {
  readonly bbb: SimulatedBbb;
  readonly traffic: FaultTraffic;
  readonly redis: FaultRedis;
  readonly postgres: FaultPostgres;
  readonly front: TcpGate;
  readonly queueGate: TcpGate;
  readonly databaseGate: TcpGate;
  readonly progress: Progress;
  readonly environment: Readonly<Record<string, string>>;
  readonly workers: AppProcess[] = [];
  ingress: AppProcess;
  readonly #apps = new FaultProcesses();
  readonly #options: SeededOptions;
  readonly #dir: string;
  #restarts = 0;

  private constructor(
    parts: Pick<FaultWorld, 'bbb' | 'traffic' | 'redis' | 'postgres' | 'front' | 'queueGate' | 'databaseGate' | 'environment'>,
    started: { readonly ingress: AppProcess; readonly workers: readonly AppProcess[]; readonly dir: string },
    options: SeededOptions,
  ) {
    const { bbb, traffic, redis, postgres, front, queueGate, databaseGate, environment } = parts;
    this.bbb = bbb;
    this.traffic = traffic;
    this.redis = redis;
    this.postgres = postgres;
    this.front = front;
    this.queueGate = queueGate;
    this.databaseGate = databaseGate;
    this.environment = environment;
    this.ingress = started.ingress;
    this.workers.push(...started.workers);
    this.#apps.add(started.ingress, ...started.workers);
    this.#dir = started.dir;
    this.#options = options;
    this.progress = new Progress(bbb, postgres.url());
  }

  static async open(given: WorldOptions = {}): Promise<FaultWorld> {
    const options = { seed: faultSeed(), ...given };
    const dir = await mkdtemp(join(tmpdir(), 'bbb-activity-faults-'));
    const [redis, postgres] = await Promise.all([
      FaultRedis.open(options.redisDir ?? join(dir, 'redis')),
      FaultPostgres.open(options.postgresDir ?? join(dir, 'postgres')),
    ]);
    await migrate(postgres.url());
    const front = await TcpGate.open({ upstream: 0 });
    const queueGate = await TcpGate.open({ upstream: redis.port });
    const databaseGate = await TcpGate.open({ upstream: postgres.port });
    const timeScale = options.timeScale ?? 1;
    let posts = 0;
    const bbb = await SimulatedBbb.start({
      secret: KEYS.BBB_SECRET,
      behaviour: '3.4',
      // A clock that runs ahead starts behind, so that in a few minutes it is never as far off as a delivery may be.
      clock: scaledClock(timeScale, Date.now() - (timeScale > 1 ? 7 * 60_000 : 0)),
      losesAnswer: () => {
        posts += 1;
        return posts % LOST_ANSWERS === 0;
      },
    });
    const environment = {
      ...KEYS,
      BBB_URL: bbb.url,
      PUBLIC_URL: `http://127.0.0.1:${front.port}`,
      WEBHOOKS_SCOPE: 'global',
      DATABASE_URL: postgres.url(databaseGate.port),
      REDIS_URL: `redis://127.0.0.1:${queueGate.port}`,
      QUEUE_PREFIX: PREFIX,
      PARTITIONS: String(PARTITIONS),
      DB_MAX_CONNECTIONS: '8',
      IDENTITY_KEY: randomBytes(16).toString('hex'),
      ...options.environment,
    };
    const environmentOf = (app: AppName, number: number) => ({ ...environment, ...options.environmentOf?.(app, number) });
    const [ingress, ...workers] = await Promise.all([
      startApp('ingress', environmentOf('ingress', 0)),
      ...Array.from({ length: options.workers ?? 2 }, (_, number) => startApp('worker', environmentOf('worker', number))),
    ]);
    front.upstream = portOf(ingress);
    await run(process.execPath, ['apps/cli/bin/bbb-activity.js', 'hooks', 'ensure', '--global'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    const traffic = new FaultTraffic(bbb, { seed: options.seed, meetings: 6, people: 60, rate: options.rate ?? 60 });
    const parts = { bbb, traffic, redis, postgres, front, queueGate, databaseGate, environment };
    const world = new FaultWorld(parts, { ingress, workers, dir }, options);
    onTestFailed(() => {
      process.stderr.write(`seed ${options.seed}\n`);
      world.#apps.tellLogs();
    });
    return world;
  }

  /** A new ingress, to which the front leads as soon as it listens; the one before is left as it is. */
  async replaceIngress(): Promise<AppProcess> {
    const former = this.ingress;
    this.ingress = await this.#start('ingress', 0);
    this.front.upstream = portOf(this.ingress);
    return former;
  }

  async killIngress(): Promise<void> {
    await this.ingress.stop('SIGKILL');
    this.#restarts += 1;
  }

  /** Another worker beside those that there are. */
  async addWorker(): Promise<void> {
    this.workers.push(await this.#start('worker', this.workers.length));
  }

  /** Kills the worker that comes first. */
  async killWorker(): Promise<void> {
    const worker = this.workers.shift();
    if (worker === undefined) throw new Error('no worker is there to be killed');
    await worker.stop('SIGKILL');
    this.#restarts += 1;
  }

  /** Counts what a test restarts by itself. */
  restarted(): void {
    this.#restarts += 1;
  }

  /** A client of the database, past the gate. */
  async client(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.postgres.url() });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** The queue, past the gate. To be closed. */
  queueBackend(): Promise<QueueBackend> {
    return connectBackend({ kind: 'redis', url: `redis://127.0.0.1:${this.redis.port}`, prefix: PREFIX });
  }

  /** By which ingress knows events. */
  get identityKey(): Buffer {
    return identityKeyOf(this.environment['IDENTITY_KEY'] ?? '');
  }

  /** How many events wait in the queue or could not be applied. */
  async queue(): Promise<{ readonly waiting: number; readonly dead: number }> {
    const backend = await this.queueBackend();
    try {
      const depths = await readPartitionDepths(backend, PARTITIONS);
      const waiting = depths.reduce((sum, depth) => sum + depth.waiting + depth.active, 0);
      return { waiting, dead: await (await DeadLetters.open(backend)).count() };
    } finally {
      await backend.close();
    }
  }

  /** Lines of all logs, those of processes that are gone too. */
  logLines(): readonly Readonly<Record<string, unknown>>[] {
    return this.#apps.lines();
  }

  /** Of the tries that were not answered with 200, but for the answers that this world itself lost: the status, or why there was no answer. */
  refusals(): readonly (number | string)[] {
    return this.bbb.sent().flatMap(({ status, problem }) => {
      if (status === 200 || problem === LOST_ANSWER) return [];
      return status ?? problem ?? 'no answer';
    });
  }

  /** Those of them that were an answer: the statuses. */
  refusedBy(): readonly number[] {
    return this.refusals().filter((refusal) => typeof refusal === 'number');
  }

  /** Resolves once something more is applied. @param what for the message when nothing is */
  async applies(what: string): Promise<void> {
    const before = this.progress.applied;
    await until(what, () => this.progress.applied > before);
  }

  /** Why batches were not applied at a try, as the workers told it. */
  failedBatches(): readonly string[] {
    return this.logLines().flatMap(({ msg, error }) => (msg === 'a batch was not applied' ? String(error) : []));
  }

  /**
   * The meetings end, everything arrives and is applied; then all is compared, and told in one line. The fault must be over. What the BBB server gave up, its
   * hook being gone, was not acknowledged.
   */
  async settle(
    fault: string,
    { dead = 0 }: { readonly dead?: number } = {},
  ): Promise<FaultReport & { readonly restarts: number }> {
    this.traffic.end();
    await this.bbb.settled();
    await until('everything is applied', async () => {
      const { waiting, dead: letters } = await this.queue();
      return waiting === 0 && letters === dead;
    });
    const stalledMs = await this.progress.stop();
    const fallen = this.#apps.fallen();
    if (fallen.length > 0) throw new Error(`ended without having been asked to: ${fallen.join('; ')}`);
    const report = await reportOf(this.bbb, this.postgres.url(), this.identityKey);
    const restarts = this.#restarts;
    const { sent, acknowledged, duplicates, lost, wrongRows } = report;
    process.stdout.write(
      `${fault}: ${sent} events sent, ${acknowledged} acknowledged, ${duplicates} duplicates, ${restarts} restarts, ${lost} lost, ` +
        `${wrongRows} wrong rows, ${(stalledMs / 1_000).toFixed(1)} s at most without progress, seed ${this.#options.seed}\n`,
    );
    return { ...report, restarts };
  }

  async close(): Promise<void> {
    this.traffic.stop();
    await this.progress.stop();
    await this.bbb.close();
    await this.#apps.kill();
    await Promise.all([this.front, this.queueGate, this.databaseGate].map((gate) => gate.close()));
    await Promise.all([this.redis.stop(), this.postgres.stop()]);
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #start(app: AppName, number: number): Promise<AppProcess> {
    const environment = { ...this.environment, ...this.#options.environmentOf?.(app, number) };
    for (let start = 1; ; start += 1) {
      try {
        const started = await startApp(app, environment);
        this.#apps.add(started);
        return started;
      } catch (error) {
        if (start === STARTS) throw error;
        process.stdout.write(`${error instanceof Error ? error.message : String(error)}: started again\n`);
      }
    }
  }
}

function portOf(app: AppProcess): number {
  return Number(new URL(app.address).port);
}
