import { randomBytes } from 'node:crypto';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { type AppProcess, startApp } from '../app-process.js';
import { KEYS } from '../ingress-server.js';
import { ownPrefix, redisUrl } from '../services.js';
import { until } from '../until.js';

export const BACKENDS = ['redis', 'postgres'] as const;
export type BackendKind = (typeof BACKENDS)[number];

export interface SystemOptions {
  readonly backend: BackendKind;
  /** A database with the product's tables. */
  readonly databaseUrl: string;
  /** MEETING_POLICY. */
  readonly policy: 'register' | 'known';
  /** Worker processes. */
  readonly workers: number;
  readonly partitions: number;
  readonly batchMaxEvents: number;
}

/** The budget of the database plays no part in the law: let it never be what a run waits for. */
const NO_LIMIT = '100000';

/** Ingress and workers as processes of their own, on a queue of their own. */
export class LawSystem {
  readonly address: string;
  readonly identitySecret: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #partitions: number;
  readonly #backend: QueueBackend;
  readonly #ingress: AppProcess;
  readonly #workers: AppProcess[] = [];
  #crashes = 0;
  /** A run that is broken off leaves no process behind. */
  readonly #killAll = () => {
    for (const { child } of [this.#ingress, ...this.#workers]) child.kill('SIGKILL');
  };

  private constructor(ingress: AppProcess, backend: QueueBackend, environment: Record<string, string>, partitions: number) {
    this.#ingress = ingress;
    this.#backend = backend;
    this.#environment = environment;
    this.#partitions = partitions;
    this.address = ingress.address;
    process.once('exit', this.#killAll);
    this.identitySecret = environment['IDENTITY_KEY'] ?? '';
  }

  static async start(options: SystemOptions): Promise<LawSystem> {
    const prefix = ownPrefix();
    const environment = {
      ...KEYS,
      DATABASE_URL: options.databaseUrl,
      QUEUE_PREFIX: prefix,
      PARTITIONS: String(options.partitions),
      BATCH_MAX_EVENTS: String(options.batchMaxEvents),
      MEETING_POLICY: options.policy,
      // Who looks for meetings that ended unheard is the test.
      STALE_AFTER_SILENCE_MINUTES: '0',
      DB_MAX_TRANSACTIONS_PER_SECOND: NO_LIMIT,
      DB_MAX_CONNECTIONS: '6',
      IDENTITY_KEY: randomBytes(16).toString('hex'),
      ...(options.backend === 'redis' ? { REDIS_URL: redisUrl() } : {}),
    };
    const kind = options.backend;
    const backend = await connectBackend({ kind, url: kind === 'redis' ? redisUrl() : options.databaseUrl, prefix });
    const system = new LawSystem(await startApp('ingress', environment), backend, environment, options.partitions);
    try {
      await Promise.all(Array.from({ length: options.workers }, () => system.#startWorker()));
    } catch (error) {
      await system.close();
      throw error;
    }
    return system;
  }

  /** How many workers were killed. */
  get crashes(): number {
    return this.#crashes;
  }

  /** Kills the worker (SIGKILL) that comes first and starts another. */
  async crash(): Promise<void> {
    const worker = this.#workers.shift();
    if (worker === undefined) throw new Error('no worker is there to be killed');
    await worker.stop('SIGKILL');
    this.#crashes += 1;
    await this.#startWorker();
  }

  /** Waits until every event that ingress has acknowledged is applied. */
  async untilEmpty(): Promise<void> {
    const isEmpty = async () => {
      const depths = await readPartitionDepths(this.#backend, this.#partitions);
      return depths.every(({ waiting, active }) => waiting + active === 0);
    };
    await until('the queue is empty', isEmpty);
  }

  /** How many events could not be applied. */
  async deadLetters(): Promise<number> {
    return (await DeadLetters.open(this.#backend)).count();
  }

  async close(): Promise<void> {
    process.off('exit', this.#killAll);
    await Promise.all([this.#ingress, ...this.#workers].map((app) => app.stop('SIGKILL')));
    await this.#backend.close();
  }

  async #startWorker(): Promise<void> {
    this.#workers.push(await startApp('worker', this.#environment));
  }
}
