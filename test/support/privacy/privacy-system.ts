import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DEAD_LETTER_QUEUE } from '@bbb-activity/queue/dead-letters';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { postgresSchema } from '@bbb-activity/queue/postgres-backend';
import { signModern } from '@bbb-activity/signatures/modern-header';
import { generateMeeting } from '@bbb-activity/simulator/generated-meeting';
import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { replayRecording } from '@bbb-activity/simulator/replay';
import { signPlannedRequest } from '@bbb-activity/simulator/sign-planned-request';
import pg from 'pg';
import { type AppName, type AppProcess, spawnApp, startApp } from '../app-process.js';
import { callbackUrl, nowSeconds, post, withChecksum } from '../bbb-sender.js';
import { KEYS } from '../ingress-server.js';
import { type RedisServer, startRedisServer } from '../redis-server.js';
import { createMigratedDatabase, ownPrefix, type TestDatabase } from '../services.js';
import { databaseTexts, redisTexts, type StoredText } from '../stored-text.js';
import { until } from '../until.js';
import { JSON_TYPE, run, SECRET } from './private-deliveries.js';

const PARTITIONS = 2;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const ADMIN_TOKEN = `admin-token-${run}`;
const IDENTITY_KEY = `key-${run}`;

/** Apps as processes of their own, that log all they can, on a database and a Redis of their own. */
export class PrivacySystem {
  readonly environment: Readonly<Record<string, string>>;
  /** Every signature and checksum that was sent. */
  readonly signatures = new Set<string>();
  readonly #database: TestDatabase;
  readonly #redis: RedisServer;
  readonly #apps: AppProcess[] = [];

  private constructor(database: TestDatabase, redis: RedisServer, onRedis: boolean) {
    this.#database = database;
    this.#redis = redis;
    this.environment = {
      ...KEYS,
      IDENTITY_KEY,
      ADMIN_TOKEN,
      DATABASE_URL: database.url,
      QUEUE_PREFIX: ownPrefix(),
      PARTITIONS: String(PARTITIONS),
      LOG_LEVEL: 'trace',
      METRICS_PORT: '0',
      ...(onRedis ? { REDIS_URL: redis.url } : {}),
    };
  }

  /** Without an app. */
  static async create(onRedis: boolean): Promise<PrivacySystem> {
    const [database, redis] = await Promise.all([createMigratedDatabase(), startRedisServer()]);
    return new PrivacySystem(database, redis, onRedis);
  }

  async start(name: AppName): Promise<AppProcess> {
    const app = await startApp(name, this.environment);
    this.#apps.push(app);
    return app;
  }

  /** A worker that is expected to end at its start. */
  spawnWorker(environment: Readonly<Record<string, string>>): AppProcess {
    const app = spawnApp('worker', environment);
    this.#apps.push(app);
    return app;
  }

  async close(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.stop()));
    await Promise.all([this.#database.drop(), this.#redis.stop()]);
  }

  get redisUrl(): string {
    return this.#redis.url;
  }

  /** Where a waiting job is found; on Redis a job is a key. */
  get jobPlace(): RegExp {
    const { REDIS_URL, QUEUE_PREFIX = '' } = this.environment;
    return REDIS_URL === undefined ? new RegExp(`in ${postgresSchema(QUEUE_PREFIX)}\\.job$`) : /in redis .*:activity-\d+:[^:]+$/;
  }

  /** What opens or proves anything, in this system. */
  get secrets(): string[] {
    const password = decodeURIComponent(new URL(this.#database.url).password);
    return [...Object.values(KEYS), ...this.signatures, IDENTITY_KEY, ADMIN_TOKEN, password];
  }

  /** All of the database, with the queue's tables where they are there, and all of Redis. */
  async stored(): Promise<StoredText[]> {
    return [...(await databaseTexts(this.#database.url)), ...(await redisTexts(this.#redis.url))];
  }

  logs(): StoredText[] {
    return this.#apps.flatMap((app, index) => [
      { place: `log ${index}`, text: app.lines.map((line) => JSON.stringify(line)).join('\n') },
      { place: `errors ${index}`, text: app.stderr() },
    ]);
  }

  /** What each process that runs tells Prometheus. */
  async metrics(): Promise<StoredText[]> {
    const running = [...this.#apps.entries()].filter(([, { child }]) => child.exitCode === null && child.signalCode === null);
    return Promise.all(
      running.map(async ([index, { lines }]) => {
        const address = await until(
          'the metrics are served',
          () => lines.find(({ msg }) => msg === 'metrics listening')?.['address'],
        );
        return { place: `metrics ${index}`, text: await (await fetch(`${address}/metrics`)).text() };
      }),
    );
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.#database.url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Posts a body to the legacy endpoint, signed. Gives the status. */
  async send(ingress: AppProcess, body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
    const url = withChecksum(callbackUrl(ingress.address), body.toString());
    this.#collectSignatures(url);
    const private_ = { 'user-agent': SECRET.agent, referer: SECRET.referer, authorization: `Bearer ${SECRET.bearer}` };
    return (await post(url, body, { ...private_, ...headers })).status;
  }

  /** Posts a body to the modern endpoint, signed. Gives the status. */
  async sendModern(ingress: AppProcess, body: string, headers = JSON_TYPE, secret = KEYS.KERNEL_SECRET): Promise<number> {
    const signature = signModern(nowSeconds(), body, secret);
    this.signatures.add(signature);
    const signed = { 'x-chamilo-timestamp': String(nowSeconds()), 'x-chamilo-signature': signature };
    return (await post(`${ingress.address}/api/videoconference/callback`, body, { ...headers, ...signed })).status;
  }

  /** Sends both recorded meetings. */
  async replayRecordings(ingress: AppProcess): Promise<void> {
    const { BBB_SECRET: sharedSecret, WEBHOOK_SALT: salt } = KEYS;
    const options = { target: ingress.address, accessUrlId: 1, sharedSecret, salt, urlAlgorithm: 'sha256', speed: 0 } as const;
    for (const name of RECORDING_NAMES) {
      const { failed } = await replayRecording(await readRecording(recordingPath(name)), options);
      if (failed.length > 0) throw new Error(`a recording was not taken: ${JSON.stringify(failed)}`);
    }
  }

  /** Sends a generated meeting, as `npm run test:law` does. Gives its requests' bodies. */
  async sendGenerated(ingress: AppProcess, seed: number): Promise<string[]> {
    const now = nowSeconds();
    const keys = {
      target: ingress.address,
      sharedSecret: KEYS.BBB_SECRET,
      salt: KEYS.WEBHOOK_SALT,
      kernelSecret: KEYS.KERNEL_SECRET,
      registeredAt: [now - 300, now] as const,
    };
    const { requests } = generateMeeting(seed, { deliveredAt: Date.now(), policy: 'register', looked: false }).plan;
    for (const request of requests) {
      const { url, headers, body } = signPlannedRequest(request, keys, nowSeconds());
      this.#collectSignatures(url);
      this.signatures.add(headers['x-chamilo-signature']?.replace(/^v1=/, '') ?? '');
      const { status } = await post(url, body, headers);
      if (status !== 200) throw new Error(`a generated request was answered ${status}`);
    }
    this.signatures.delete('');
    return requests.map(({ body }) => body);
  }

  /** Waits until the worker has taken all that ingress has queued. */
  async applied(): Promise<void> {
    const backend = await connectBackend(readQueueSettings(this.environment));
    await until('the queue is empty', async () => {
      const depths = await readPartitionDepths(backend, PARTITIONS);
      return depths.every(({ waiting, active }) => waiting + active === 0);
    }).finally(() => backend.close());
  }

  async countLetters(): Promise<number> {
    const backend = await connectBackend(readQueueSettings(this.environment));
    return backend.jobsLeft(DEAD_LETTER_QUEUE).finally(() => backend.close());
  }

  async cli(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
    const env = { PATH: process.env['PATH'], ...this.environment };
    const command = ['apps/cli/bin/bbb-activity.js', ...args];
    return promisify(execFile)(process.execPath, command, { cwd: ROOT, env, maxBuffer: 1 << 28 }).then(
      (output) => ({ ...output, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );
  }

  #collectSignatures(url: string): void {
    const { searchParams } = new URL(url);
    for (const name of ['sig', 'checksum']) {
      const signature = searchParams.get(name);
      if (signature !== null) this.signatures.add(signature);
    }
  }
}
