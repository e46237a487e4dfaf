import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endWithTests } from '../no-orphans.js';
import { debianTool } from './debian-tool.js';

const execute = promisify(execFile);
const NAME = 'events.example.org';

/** Where a proxy of the examples listens and what stands behind it. */
export interface ProxyPorts {
  readonly http: string;
  readonly https: string;
  readonly ingress: string;
  readonly dashboard: string;
}

export interface ReverseProxy {
  /** Has the program itself check its configuration; gives what it says. */
  check(): Promise<string>;
  start(): ChildProcess;
}

/** The example of nginx with other ports and a certificate made here, in a folder of its own. */
export async function nginx(example: string, folder: string, ports: ProxyPorts): Promise<ReverseProxy> {
  const binary = await debianTool('nginx', 'nginx-light');
  const certificate = join(folder, 'fullchain.pem');
  const key = join(folder, 'privkey.pem');
  const subject = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', ...subject];
  await execute('openssl', [...made, '-keyout', key, '-out', certificate]);
  const server = replaced(await readFile(example, 'utf8'), [
    [`/etc/letsencrypt/live/${NAME}/fullchain.pem`, certificate],
    [`/etc/letsencrypt/live/${NAME}/privkey.pem`, key],
    ['listen 80;', `listen 127.0.0.1:${ports.http};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${ports.https} ssl http2;`],
    ['listen [::]:443 ssl http2;', ''],
    ['127.0.0.1:8080', `127.0.0.1:${ports.ingress}`],
    ['127.0.0.1:8081', `127.0.0.1:${ports.dashboard}`],
  ]);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${join(folder, kind)};`);
  const own = `daemon off; pid ${join(folder, 'pid')}; error_log stderr;\nevents {}\nhttp { ${places.join(' ')}\n${server}\n}\n`;
  const path = join(folder, 'nginx.conf');
  // Its workers are another user, who gathers large bodies below it.
  await chmod(folder, 0o755);
  await writeFile(path, own);
  return {
    check: () => said(binary, ['-t', '-c', path]),
    start: () => started(binary, ['-c', path], {}),
  };
}

/** The example of Caddy with other ports and a certificate of Caddy's own. */
export async function caddy(example: string, folder: string, ports: ProxyPorts): Promise<ReverseProxy> {
  const binary = await debianTool('caddy', 'caddy');
  const site = replaced(await readFile(example, 'utf8'), [
    ['127.0.0.1:8080', `127.0.0.1:${ports.ingress}`],
    ['127.0.0.1:8081', `127.0.0.1:${ports.dashboard}`],
  ]);
  const own = [
    `http_port ${ports.http}`,
    `https_port ${ports.https}`,
    'default_bind 127.0.0.1',
    'admin off',
    'local_certs',
    'skip_install_trust',
  ];
  const path = join(folder, 'Caddyfile');
  await writeFile(path, `{\n${own.join('\n')}\n}\n${site}`);
  const data = join(folder, 'data');
  await mkdir(data);
  const environment = { XDG_DATA_HOME: data, XDG_CONFIG_HOME: data, HOME: folder };
  return {
    check: () => said(binary, ['validate', '--adapter', 'caddyfile', '--config', path], environment),
    start: () => started(binary, ['run', '--adapter', 'caddyfile', '--config', path], environment),
  };
}

/** Every replacement must find its text: an example that changes must not be tested as it was. */
function replaced(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`the example has no "${from}"`);
    return result.replaceAll(from, to);
  }, text);
}

async function said(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout, stderr } = await execute(command, args, { env: { ...process.env, ...environment } });
  return stdout + stderr;
}

function started(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: 'ignore' });
  endWithTests(child);
  return child;
}
