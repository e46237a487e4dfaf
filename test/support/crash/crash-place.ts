import { randomBytes } from 'node:crypto';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { Closers } from '@bbb-activity/runtime/closers';
import { generateMeeting } from '@bbb-activity/simulator/generated-meeting';
import type { PlannedRequest } from '@bbb-activity/simulator/planned-request';
import pg from 'pg';
import { type AppProcess, startApp } from '../app-process.js';
import { KEYS } from '../ingress-server.js';
import { type Comparison, compareMeetings } from '../law/compare-meetings.js';
import type { BackendKind } from '../law/system.js';
import { identityKeyOf, readRequests } from '../law/whole-fold.js';
import { createMigratedDatabase, ownPrefix, redisUrl } from '../services.js';
import { until } from '../until.js';
import { type CrashAt, type DoomedProcess, startDoomed } from './doomed-process.js';

const PARTITIONS = 2;

/** What the law says of the meetings, and what else must be there or not. */
export interface CrashOutcome extends Comparison {
  /** Rows of the journal, of whatever meeting. */
  readonly journalled: number;
  readonly deadLetters: number;
}

/** A database and a queue of a test's own, with generated meetings that are to come through crashes of what serves them. */
export class CrashPlace {
  readonly #meetings;
  readonly #identitySecret = randomBytes(16).toString('hex');
  readonly #environment: Readonly<Record<string, string>>;
  readonly #backend: QueueBackend;
  readonly #deadLetters: DeadLetters;
  readonly #database: pg.Pool;
  readonly #databaseUrl: string;
  readonly #closers: Closers;

  private constructor(
    parts: { backend: QueueBackend; deadLetters: DeadLetters; database: pg.Pool; databaseUrl: string; prefix: string },
    seeds: readonly number[],
    closers: Closers,
  ) {
    this.#meetings = seeds.map((seed) => generateMeeting(seed, { deliveredAt: Date.now(), policy: 'register', looked: false }));
    this.#backend = parts.backend;
    this.#deadLetters = parts.deadLetters;
    this.#database = parts.database;
    this.#databaseUrl = parts.databaseUrl;
    this.#closers = closers;
    this.#environment = {
      ...KEYS,
      DATABASE_URL: parts.databaseUrl,
      QUEUE_PREFIX: parts.prefix,
      PARTITIONS: String(PARTITIONS),
      // Small, so that there are many batches, and large enough to take jobs along.
      BATCH_MAX_EVENTS: '40',
      DB_MAX_TRANSACTIONS_PER_SECOND: '100000',
      DB_MAX_CONNECTIONS: '4',
      IDENTITY_KEY: this.#identitySecret,
      ...(parts.backend.kind === 'redis' ? { REDIS_URL: redisUrl() } : {}),
    };
  }

  static async open(kind: BackendKind, seeds: readonly number[]): Promise<CrashPlace> {
    const closers = new Closers();
    try {
      const { url: databaseUrl, drop } = await createMigratedDatabase();
      closers.add(drop);
      const database = new pg.Pool({ connectionString: databaseUrl, max: 1 });
      closers.add(() => database.end());
      const prefix = ownPrefix();
      const backend = await connectBackend({ kind, url: kind === 'redis' ? redisUrl() : databaseUrl, prefix });
      closers.add(() => backend.close());
      const deadLetters = await DeadLetters.open(backend);
      return new CrashPlace({ backend, deadLetters, database, databaseUrl, prefix }, seeds, closers);
    } catch (error) {
      await closers.close();
      throw error;
    }
  }

  /** In the order in which they are to be sent, one meeting after the other. */
  get requests(): readonly PlannedRequest[] {
    return this.#meetings.flatMap(({ plan }) => [...plan.requests, ...plan.late]);
  }

  /** Of the events of requests. */
  identitiesOf(requests: readonly PlannedRequest[]): Set<string> {
    return new Set(readRequests(requests, identityKeyOf(this.#identitySecret)).map(({ identity }) => identity));
  }

  /** Queues all events as ingress does, a request after the other: a backlog from before any worker. */
  async queueAll(): Promise<void> {
    const publisher = await PartitionPublisher.open<ConferenceEvent>(this.#backend, { partitions: PARTITIONS });
    const key = identityKeyOf(this.#identitySecret);
    for (const request of this.requests) {
      await publisher.publish(readRequests([request], key).map((item) => ({ key: partitionKeyOf(item), item })));
    }
    await publisher.close();
  }

  /** Starts a process that dies at a point. */
  doomed(app: 'worker' | 'ingress', crash: CrashAt, environment: Readonly<Record<string, string>> = {}): DoomedProcess {
    const doomed = startDoomed(app, crash, { ...this.#environment, ...environment });
    this.#closers.add(() => doomed.stop());
    return doomed;
  }

  /** Starts an app as it is in production. */
  async start(app: 'worker' | 'ingress', environment: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    const running = await startApp(app, { ...this.#environment, ...environment });
    this.#closers.add(() => running.stop('SIGKILL'));
    return running;
  }

  /** How many of these events the journal has. */
  async journalHas(identities: readonly string[]): Promise<number> {
    return this.#count(`WHERE encode(identity, 'hex') = ANY($1)`, [identities]);
  }

  deadLetters(): Promise<number> {
    return this.#deadLetters.count();
  }

  /** Waits until every queued event is applied. */
  async untilEmpty(): Promise<void> {
    const isEmpty = async () => {
      const depths = await readPartitionDepths(this.#backend, PARTITIONS);
      return depths.every(({ waiting, active }) => waiting + active === 0);
    };
    await until('the queue is empty', isEmpty);
  }

  /** Waits until every queued event is applied, and looks what came of it. */
  async outcome(): Promise<CrashOutcome> {
    await this.untilEmpty();
    return {
      ...(await compareMeetings(this.#meetings, {
        databaseUrl: this.#databaseUrl,
        identitySecret: this.#identitySecret,
        policy: 'register',
        looked: false,
        sent: 'all',
      })),
      journalled: await this.#count('', []),
      deadLetters: await this.deadLetters(),
    };
  }

  close(): Promise<void> {
    return this.#closers.close();
  }

  async #count(where: string, parameters: readonly unknown[]): Promise<number> {
    const { rows } = await this.#database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM conference_event ${where}`,
      [...parameters],
    );
    return rows[0]?.count ?? 0;
  }
}
