#!/usr/bin/env node
// What docs/operations.md asks of systemctl, where systemd is not process 1: it does what the units say, without their confinement.
// Usage: systemctl [enable] [--now] | start | stop | restart | daemon-reload UNIT...
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const PIDS = '/run/units-of-the-guide';
const FOLDERS = ['/etc/systemd/system', '/lib/systemd/system', '/usr/lib/systemd/system'];
const STOP_MS = 30_000;

mkdirSync(PIDS, { recursive: true });
const [verb, ...words] = process.argv.slice(2);
const now = words.includes('--now');
const units = words.filter((word) => !word.startsWith('--'));
if (verb === 'daemon-reload') process.exit(0);
if (!['enable', 'start', 'stop', 'restart'].includes(verb)) throw new Error(`systemctl ${verb} is not known here`);
for (const unit of units) {
  const known = unit.includes('.') ? unit : `${unit}.service`;
  if (verb === 'enable') textOf(known);
  if (verb === 'stop' || verb === 'restart') await stop(known);
  if (verb === 'start' || verb === 'restart' || now) start(known);
}

/** The text of a unit's file; that of its template for an instance. */
function textOf(unit) {
  const names = [unit, unit.replace(/@[^.]+\./, '@.')];
  const path = names.flatMap((name) => FOLDERS.map((folder) => `${folder}/${name}`)).find(existsSync);
  if (path === undefined) throw new Error(`Unit ${unit} not found`);
  const instance = /@([^.]+)\./.exec(unit)?.[1] ?? '';
  return readFileSync(path, 'utf8').replaceAll('%i', instance);
}

function settings(text, name) {
  return [...text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);
}

function start(unit) {
  // Debian's service is a mere shell around its clusters.
  if (unit === 'postgresql.service') return startClusters();
  const text = textOf(unit);
  for (const needed of settings(text, 'Wants').flatMap((value) => value.split(' '))) if (needed.startsWith('bbb-')) start(needed);
  if (unit.endsWith('.target') || running(unit) !== null) return;
  const [command = ''] = settings(text, 'ExecStart');
  const user = settings(text, 'User')[0] ?? 'root';
  const [state] = settings(text, 'StateDirectory');
  if (state !== undefined && user === 'bbb-activity')
    run('install', ['-d', '-m', '700', '-o', user, '-g', user, `/var/lib/${state}`]);
  const [program, ...args] = command.replace(/ --supervised systemd/, '').split(' ');
  const held = ['--reuid', user, '--regid', user, '--init-groups', '--', program, ...args];
  const options = { cwd: settings(text, 'WorkingDirectory')[0] ?? '/', env: environmentOf(text) };
  if (settings(text, 'Type')[0] === 'oneshot') return run('setpriv', held, options);
  const log = openSync(`/var/log/${unit}.log`, 'a');
  const child = spawn('setpriv', held, { ...options, detached: true, stdio: ['ignore', log, log] });
  writeFileSync(`${PIDS}/${unit}`, String(child.pid));
  child.unref();
}

function environmentOf(text) {
  const files = settings(text, 'EnvironmentFile').map((path) => readFileSync(path, 'utf8'));
  const lines = [
    ...settings(text, 'Environment'),
    ...files.flatMap((file) => file.split('\n').filter((line) => /^[A-Z_]+=/.test(line))),
  ];
  const told = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...Object.fromEntries(told) };
}

function startClusters() {
  const { stdout } = spawnSync('pg_lsclusters', ['--no-header'], { encoding: 'utf8' });
  for (const [version, name, , state] of stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/)))
    if (state !== 'online') run('pg_ctlcluster', ['--skip-systemctl-redirect', version, name, 'start']);
}

async function stop(unit) {
  const pid = running(unit);
  if (pid === null) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (running(unit) !== null) {
    if (Date.now() > deadline) throw new Error(`${unit} did not stop`);
    await new Promise((next) => setTimeout(next, 50));
  }
  rmSync(`${PIDS}/${unit}`);
}

/** The process of a unit; null where none runs, one that has ended and is waited for by nobody included. */
function running(unit) {
  if (!existsSync(`${PIDS}/${unit}`)) return null;
  const pid = Number(readFileSync(`${PIDS}/${unit}`, 'utf8'));
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? null : pid;
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
