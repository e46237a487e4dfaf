import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Copies what .dockerignore lets into the image's context: of a pattern with `!` in front the path below it, of the tracked files and new ones that
 * are not ignored by git. What git ignores (built files, installed packages) .dockerignore must name too, and that is checked.
 */
export async function buildContext(root: string, into: string): Promise<string> {
  const lines = (await readFile(join(root, '.dockerignore'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [all, ...patterns] = lines;
  if (all !== '*') throw new Error('.dockerignore begins with what it lets in');
  const { stdout } = await execute('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const taken = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const left = patterns.filter((pattern) => !pattern.startsWith('!'));
  for (const ignored of ['node_modules', 'dist', '*.tsbuildinfo'].map((name) => `**/${name}`))
    if (!left.includes(ignored)) throw new Error(`.dockerignore lacks ${ignored}`);
  const files = stdout.split('\n').filter((file) => taken.some((path) => file === path || file.startsWith(`${path}/`)));
  for (const file of files) await cp(join(root, file), join(into, file));
  return into;
}
