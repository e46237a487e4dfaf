import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@bbb-activity/app-standalone/embedded-postgres';
import { migrate } from '@bbb-activity/store/migrate';
import pg from 'pg';

export interface PostgresServer {
  /** Of the postmaster. */
  readonly pid: number;
  /** On the database `postgres`, which nothing measured uses. */
  readonly admin: pg.Client;
  /** A new database with the product's tables, empty. */
  createDatabase(): Promise<{ readonly name: string; readonly url: string; drop(): Promise<void> }>;
  stop(): Promise<void>;
}

const TEMPLATE = 'bench_template';

/**
 * A private PostgreSQL with its own defaults, durability included. Only commit times are kept beside: by them the time from arrival to row is
 * read after a run, so that nothing is added to what is measured.
 */
export async function startPostgres(dir: string): Promise<PostgresServer> {
  const dataDir = join(dir, 'cluster');
  const server = await startEmbeddedPostgres({
    dataDir,
    password: randomBytes(12).toString('hex'),
    settings: { track_commit_timestamp: 'on' },
  });
  const [pid = ''] = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n');
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const urlOf = (name: string) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await migrate(urlOf(TEMPLATE));
  return {
    pid: Number(pid),
    admin,
    async createDatabase() {
      const name = `bench_${randomBytes(6).toString('hex')}`;
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
      return {
        name,
        url: urlOf(name),
        drop: async () => void (await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)),
      };
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}
