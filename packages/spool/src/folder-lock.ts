import { spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SpoolUnusableError } from './errors.js';

/** What `flock` exits with where another process has the lock; told to it, so that it is known from other failures. */
const HELD = 75;

/**
 * Takes the lock of a folder for as long as the handle is open, and this process lives: it is the kernel's, so that nothing of it is left after
 * SIGKILL, and processes in several containers on one machine see it too. Node has no call for it: the program `flock` of util-linux locks
 * the open file that it inherits, which is this process's own.
 *
 * @throws SpoolUnusableError where another process has it, or there is no `flock`
 */
export async function lockFolder(folder: string): Promise<FileHandle> {
  const file = await open(join(folder, 'lock'), 'a', 0o600);
  const code = await flock(file.fd).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  if (code === 0) return file;
  await file.close();
  throw new SpoolUnusableError(
    code === HELD
      ? `${folder} is the spool of another process that runs: give each ingress a folder of its own`
      : `${folder} could not be locked: flock ended with ${code}`,
  );
}

function flock(fd: number): Promise<number | null> {
  return new Promise((done, fail) => {
    // Its descriptor 3 is the open file of this process: what is locked stays locked when the program has ended.
    const child = spawn('flock', ['--nonblock', '--conflict-exit-code', String(HELD), '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
    });
    child.once('error', (cause) => fail(new SpoolUnusableError('the program flock (of util-linux) cannot be run', { cause })));
    child.once('close', done);
  });
}
