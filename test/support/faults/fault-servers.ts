import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  embeddedPostgresUrl,
  startEmbeddedPostgres,
} from '@bbb-activity/app-standalone/embedded-postgres';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import { type RedisServer, startRedisServer } from '../redis-server.js';

/** A server of the world that can be killed, stopped and started again on the same data and the same port. */
export interface FaultServer {
  readonly port: number;
  start(): Promise<void>;
  /** As an operator stops it. */
  stop(): Promise<void>;
  /** SIGKILL to all of its processes. */
  kill(): Promise<void>;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** A Redis with an append-only file in `dir`. */
export class FaultRedis implements FaultServer {
  readonly port: number;
  readonly #dir: string;
  #server: RedisServer | undefined;

  private constructor(port: number, dir: string) {
    this.port = port;
    this.#dir = dir;
  }

  static async open(dir: string): Promise<FaultRedis> {
    await mkdir(dir, { recursive: true });
    const redis = new FaultRedis(await freePort(), dir);
    await redis.start();
    return redis;
  }

  async start(): Promise<void> {
    this.#server = await startRedisServer({ port: String(this.port), dir: this.#dir });
  }

  async stop(): Promise<void> {
    // One that is paused would not hear of it.
    if (this.#server !== undefined) send(this.#server.pid, 'SIGCONT');
    await this.#server?.stop();
  }

  async kill(): Promise<void> {
    process.kill(this.#pid, 'SIGKILL');
    await this.#server?.stop();
  }

  async pause(): Promise<void> {
    process.kill(this.#pid, 'SIGSTOP');
  }

  async resume(): Promise<void> {
    process.kill(this.#pid, 'SIGCONT');
  }

  get #pid(): number {
    if (this.#server === undefined) throw new Error('this Redis was never started');
    return this.#server.pid;
  }
}

/** A PostgreSQL with its own durability, in `dir`. */
export class FaultPostgres implements FaultServer {
  readonly port: number;
  readonly #dir: string;
  readonly #password = randomBytes(12).toString('hex');
  #server: EmbeddedPostgres | undefined;
  #running = false;

  private constructor(port: number, dir: string) {
    this.port = port;
    this.#dir = dir;
  }

  static async open(dir: string): Promise<FaultPostgres> {
    const postgres = new FaultPostgres(await freePort(), dir);
    await postgres.start();
    return postgres;
  }

  /** Of the database `postgres`, over `port`: the server's own, or a gate's. */
  url(port: number = this.port): string {
    return embeddedPostgresUrl(port, this.#password);
  }

  /** False once it has ended by itself, as it does where its disk is full. */
  get running(): boolean {
    return this.#running;
  }

  async start(): Promise<void> {
    this.#server = await startEmbeddedPostgres({
      dataDir: this.#dir,
      password: this.#password,
      // Small, so that a full disk is soon full; durability as it comes.
      settings: {
        port: String(this.port),
        max_connections: '40',
        shared_buffers: '32MB',
        max_wal_size: '64MB',
        min_wal_size: '32MB',
      },
      onExit: () => {
        this.#running = false;
      },
    });
    this.#running = true;
  }

  async stop(): Promise<void> {
    if (this.#running) await this.resume();
    this.#running = false;
    await this.#server?.stop();
  }

  async kill(): Promise<void> {
    this.#running = false;
    for (const pid of await this.#pids()) send(pid, 'SIGKILL');
    await this.stop();
    await rm(join(this.#dir, 'postmaster.pid'), { force: true });
  }

  async pause(): Promise<void> {
    for (const pid of await this.#pids()) send(pid, 'SIGSTOP');
  }

  async resume(): Promise<void> {
    for (const pid of await this.#pids()) send(pid, 'SIGCONT');
  }

  /** The postmaster first, so that it starts no other process meanwhile. */
  async #pids(): Promise<number[]> {
    const [postmaster = ''] = (await readFile(join(this.#dir, 'postmaster.pid'), 'utf8')).split('\n');
    const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
    return [Number(postmaster), ...children.trim().split(' ').filter(Boolean).map(Number)];
  }
}

/** To a process that may have ended by itself meanwhile. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
