import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Path of a program of the machine, whose Debian package has its name; installs that where this process may. Throws where it is missing. */
export async function findProgram(name: string): Promise<string> {
  const found = await which(name);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    await run('apt-get', ['update']).catch(() => undefined);
    await run('apt-get', ['install', '-y', '--no-install-recommends', name], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).catch(() => undefined);
    const installed = await which(name);
    if (installed !== undefined) return installed;
  }
  throw new Error(`${name} is not installed: run "apt-get install ${name}" as root, then try again`);
}

async function which(name: string): Promise<string | undefined> {
  return run('sh', ['-c', `PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v ${name}`]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
