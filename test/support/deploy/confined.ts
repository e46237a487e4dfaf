import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { endWithTests } from '../no-orphans.js';

/** How a command is held, as a container or a unit would hold it. */
export interface Confinement {
  /** A folder of this machine that stands in the place of `at`; nothing of it can be written. */
  readonly tree: string;
  readonly at: string;
  /** `uid:gid`; without capabilities and without a way to new privileges. */
  readonly user: string;
  /** Folders that can be written, empty at the start, and gone at the end. */
  readonly tmpfs?: readonly string[];
  /** Folders of this machine that stand in other places and can be written. */
  readonly writable?: Readonly<Record<string, string>>;
}

export interface Confined {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Ends it as a container is ended; resolves with its exit code. */
  stop(): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

/** In a mount namespace of its own: the tree in its place, the rest of the machine as it is, and everything but the tmpfs read-only. */
const CONFINE = `
set -e
mount --bind "$TREE" "$AT"
for pair in $WRITABLE; do mount --bind "\${pair%%:*}" "\${pair#*:}"; done
for folder in $TMPFS; do mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
mount -o remount,ro,bind "$AT"
mount -o remount,ro,bind /
cd "$AT"
uid=\${HELD_AS%%:*} gid=\${HELD_AS#*:}
unset TREE AT WRITABLE TMPFS HELD_AS
exec setpriv --reuid="$uid" --regid="$gid" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
`;

/** Starts a command under confinement, with nothing of this process's environment but PATH. Needs root, as it mounts. */
export function runConfined(
  command: readonly string[],
  confinement: Confinement,
  environment: Readonly<Record<string, string>> = {},
): Confined {
  const { tree, at, user, tmpfs = [], writable = {} } = confinement;
  placeFor(at);
  const child = spawn('unshare', ['--mount', 'sh', '-c', CONFINE, 'sh', ...command], {
    env: {
      PATH: process.env['PATH'] ?? '',
      ...environment,
      TREE: tree,
      AT: at,
      HELD_AS: user,
      TMPFS: tmpfs.join(' '),
      WRITABLE: Object.entries(writable)
        .map(([path, folder]) => `${folder}:${path}`)
        .join(' '),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTests(child);
  let out = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exited = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return {
    child,
    stdout: () => out,
    stderr: () => errors,
    exited,
    stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return exited;
    },
  };
}

const made = new Set<string>();

/** An empty folder to mount on, until {@link removePlaces}. */
export function placeFor(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path);
  made.add(path);
}

/** Removes the folders that were made to mount on; nothing is mounted there but in the namespaces of commands that have ended. */
export function removePlaces(): void {
  for (const path of made) rmdirSync(path);
  made.clear();
}
