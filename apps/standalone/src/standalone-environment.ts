import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '@bbb-activity/config/config-error';
import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { embeddedPostgresUrl } from './embedded-postgres.js';
import { readSecrets, secretsBeside } from './secrets.js';

/** Line of PostgreSQL's lock file that holds the port. */
const PORT_LINE = 3;

/**
 * The environment in which a command reaches the standalone of DATA_DIR: its secrets, and its database while it runs. Gives `environment`
 * as it is where that names a database itself, or where there is no standalone.
 *
 * @throws ConfigError if the secrets are there and cannot be read
 */
export async function standaloneEnvironment(environment: Environment): Promise<Environment> {
  const { DATABASE_URL, DATA_DIR } = readSettings(environment, ['DATABASE_URL', 'DATA_DIR']);
  if (DATABASE_URL !== undefined) return environment;
  const dataDir = resolve(DATA_DIR);
  const secrets = await readSecrets(dataDir);
  if (secrets === null) return environment;
  const told = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const port = await runningPort(join(dataDir, 'postgres'));
  const database = port === null ? {} : { DATABASE_URL: embeddedPostgresUrl(port, secrets.POSTGRES_PASSWORD) };
  return { ...secretsBeside(told, secrets), ...database, ...told };
}

/** A command needs a database; the environment names none, and the standalone that would have one does not run. */
export class StandaloneNotRunningError extends ConfigError {
  constructor(dataDir: string) {
    super(`the standalone of ${resolve(dataDir)} (DATA_DIR) is not running, and DATABASE_URL names no other database`);
  }
}

/** The port of the cluster's server; null where none runs. */
async function runningPort(cluster: string): Promise<number | null> {
  const lock = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  });
  const port = Number(lock.split('\n')[PORT_LINE]);
  return Number.isInteger(port) && port > 0 ? port : null;
}
