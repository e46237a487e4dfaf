import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/**
 * Where a program of a Debian package is; installs the package where it is missing and this process may.
 *
 * @throws Error that names the package
 */
export async function debianTool(command: string, name: string): Promise<string> {
  const found = await which(command);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env });
    await run('apt-get', ['install', '-y', '--no-install-recommends', name], { env });
    const installed = await which(command);
    if (installed !== undefined) return installed;
  }
  throw new Error(`${command} is not installed: run "apt-get install ${name}" as root, then try again`);
}

async function which(command: string): Promise<string | undefined> {
  return run('sh', ['-c', `command -v ${command}`], { env: { ...process.env, PATH } }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
