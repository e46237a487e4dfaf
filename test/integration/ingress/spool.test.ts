import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionWorkers } from '@bbb-activity/queue/partition-workers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppProcess, startApp } from '../../support/app-process.js';
import { bbbBody, bbbEvent, callbackUrl, post } from '../../support/bbb-sender.js';
import { type IngressServer, KEYS, startIngress } from '../../support/ingress-server.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';
import { ownPrefix } from '../../support/services.js';
import { until } from '../../support/until.js';

const START = 1_800_000_000_000;

/** A Redis that can be stopped and started again with what it holds. */
class LastingRedis {
  readonly folder: string;
  readonly port: string;
  #server: RedisServer | null = null;

  private constructor(folder: string, port: string) {
    this.folder = folder;
    this.port = port;
  }

  static async start(): Promise<LastingRedis> {
    const redis = new LastingRedis(await mkdtemp(join(tmpdir(), 'bbb-activity-lasting-')), String(await freePort()));
    await redis.back();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async back(): Promise<void> {
    this.#server ??= await startRedisServer({ port: this.port, dir: this.folder });
  }

  async away(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  async end(): Promise<void> {
    await this.away();
    await rm(this.folder, { recursive: true, force: true });
  }
}

describe('ingress with a spool', () => {
  let redis: LastingRedis;
  let spool: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    redis = await LastingRedis.start();
    spool = await mkdtemp(join(tmpdir(), 'bbb-activity-ingress-spool-'));
  });
  afterEach(async () => {
    await redis.back();
    for (const end of ends.splice(0).reverse()) await end();
    await redis.end();
    await rm(spool, { recursive: true, force: true });
  });

  const spooled = async () => (await readdir(spool)).filter((name) => name.endsWith('.spool'));

  async function inProcess(environment: Readonly<Record<string, string>> = {}): Promise<IngressServer> {
    const ingress = await startIngress({ SPOOL_DIR: spool, ...environment }, redis.url);
    ends.push(() => ingress.close());
    return ingress;
  }

  /** Sends the event number so and so of one person. */
  async function send(address: string, number: number): Promise<number> {
    return (await post(callbackUrl(address), bbbBody([bbbEvent('user-talking-started', { at: START + number })]))).status;
  }

  const numbers = (events: readonly ConferenceEvent[]) => [...new Set(events.map(({ at }) => at - START))];
  const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

  it('takes what comes while the queue is away, and hands it over before what comes after', async () => {
    const ingress = await inProcess();
    for (const number of [0, 1]) expect(await send(ingress.address, number)).toBe(200);
    expect(await spooled()).toEqual([]);
    await redis.away();
    for (const number of [2, 3, 4]) expect(await send(ingress.address, number)).toBe(200);
    expect(await spooled()).toHaveLength(1);
    const ready = await fetch(`${ingress.address}/readyz`);
    expect({ status: ready.status, told: await ready.json() }).toEqual({ status: 200, told: { ok: true, queue: 'spooling' } });

    await redis.back();
    for (const number of [5, 6]) expect(await send(ingress.address, number)).toBe(200);
    await until('the spool is empty', async () => (await spooled()).length === 0);
    await until('everything goes to the queue again', async () => isHandedOver(ingress) && (await queueState(ingress)) === 'ok');
    expect(await send(ingress.address, 7)).toBe(200);
    expect(await spooled()).toEqual([]);
    expect(numbers(await ingress.queued(8))).toEqual(upTo(8));
  });

  it('keeps what it cannot read through the same spool', async () => {
    const ingress = await inProcess();
    await redis.away();
    expect((await post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined'), { data: 'no event' }]))).status).toBe(200);
    await redis.back();
    await until('the letter is there', async () => (await ingress.deadLetters.count().catch(() => 0)) === 1);
  });

  it('answers 503 when the spool is full, and takes more when it was handed over', async () => {
    const ingress = await inProcess({ SPOOL_MAX_BYTES: '1048576' });
    await redis.away();
    const many = (delivery: number) =>
      post(
        callbackUrl(ingress.address),
        bbbBody(Array.from({ length: 400 }, (_, index) => bbbEvent('user-joined', { user: `${delivery}-${index}`, at: START }))),
      );
    let taken = 0;
    let refused: Awaited<ReturnType<typeof many>> | null = null;
    while (refused === null) {
      const answer = await many(taken);
      if (answer.status === 200) taken += 1;
      else refused = answer;
    }
    expect(taken).toBeGreaterThan(1);
    expect(refused).toMatchObject({ status: 503, json: { error: 'queue_unavailable' } });
    expect(ingress.log.filter((line) => line.includes('takes nothing more'))).toHaveLength(1);
    await redis.back();
    await until('a delivery is taken again', async () => (await many(taken)).status === 200);
    taken += 1;
    await until('everything goes to the queue again', async () => isHandedOver(ingress) && (await queueState(ingress)) === 'ok');
    expect(new Set((await ingress.queued(taken * 400)).map(({ identity }) => identity)).size).toBe(taken * 400);
  });

  it('has the folder for itself', async () => {
    await inProcess();
    await expect(inProcess()).rejects.toMatchObject({ code: 'spool_unusable' });
  });

  it('keeps nothing readable to others, and no word that the queue would not get either', async () => {
    const ingress = await inProcess();
    await redis.away();
    const event = bbbEvent('chat-group-message-sent', { user_: { avatar: 'https://private.example' } });
    expect((await post(callbackUrl(ingress.address), bbbBody([event]))).status).toBe(200);
    const [name = ''] = await spooled();
    expect((await stat(join(spool, name))).mode & 0o077).toBe(0);
    const text = await readFile(join(spool, name), 'latin1');
    expect(text).toContain('User 42');
    expect(text).not.toContain('private.example');
  });

  it('loses nothing that it acknowledged when it is killed again and again while the queue is away, and starts without the queue', async () => {
    const prefix = ownPrefix();
    const port = String(await freePort());
    const environment = { ...KEYS, REDIS_URL: redis.url, QUEUE_PREFIX: prefix, PARTITIONS: '2', SPOOL_DIR: spool, PORT: port };
    let ingress: AppProcess = await startApp('ingress', environment);
    ends.push(() => ingress.stop());
    const { address } = ingress;
    /** In the order in which they were acknowledged, one after the other. */
    const acknowledged: number[] = [];
    let next = 0;
    const sendOne = async () => {
      const number = next;
      next += 1;
      const status = await send(address, number).catch(() => 0);
      if (status === 200) acknowledged.push(number);
    };
    for (let count = 0; count < 10; count += 1) await sendOne();
    await redis.away();
    for (let kill = 0; kill < 3; kill += 1) {
      const dying = ingress;
      const gone = until('some are acknowledged', () => acknowledged.length >= 30 * (kill + 1)).then(() => dying.stop('SIGKILL'));
      while (dying.child.signalCode === null && dying.child.exitCode === null) await sendOne();
      await gone;
      ingress = await startApp('ingress', environment);
      expect(ingress.lines.some(({ msg }) => msg === 'the queue is away at the start; trying again')).toBe(true);
    }
    await sendOne();
    await redis.back();
    await until('all is handed over', () =>
      ingress.lines.some(({ msg }) => msg === 'the queue is back, and the spool is handed over'),
    );
    await sendOne();
    expect(acknowledged.at(-1)).toBe(next - 1);

    const found = numbers(await takeAll(redis.url, prefix, acknowledged.length));
    expect(found.filter((number) => acknowledged.includes(number))).toEqual(acknowledged);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });
});

async function queueState({ address }: IngressServer): Promise<unknown> {
  const told = (await (await fetch(`${address}/readyz`)).json()) as { queue: unknown };
  return told.queue;
}

function isHandedOver(ingress: IngressServer): boolean {
  return ingress.log.some((line) => line.includes('the spool is handed over'));
}

/** Takes events out of a queue of two partitions until so many different ones have come. */
async function takeAll(url: string, prefix: string, expected: number): Promise<ConferenceEvent[]> {
  const backend = await connectBackend({ kind: 'redis', url, prefix });
  const taken: ConferenceEvent[] = [];
  const workers = new PartitionWorkers<ConferenceEvent>(backend, {
    partitions: 2,
    batchMaxItems: 500,
    maxBatchesPerSecond: null,
    deadLetters: await DeadLetters.open(backend),
    handle: async (events) => void taken.push(...events),
  });
  await workers.start();
  await until('all came', () => new Set(taken.map(({ identity }) => identity)).size >= expected);
  await workers.close();
  await backend.close();
  return taken;
}
