import { readdir, readFile } from 'node:fs/promises';

/** The kernel's unit of CPU time in /proc, on every platform that Node runs on. */
const TICK_MS = 10;
/** Positions in /proc/PID/stat behind the command's name. */
const PARENT = 1;
const OWN = [11, 12];
const WAITED_FOR = [13, 14];

/** CPU time in ms that a process has used so far, user and system. */
export async function cpuMs(pid: number): Promise<number> {
  return sum(await statOf(pid), OWN) * TICK_MS;
}

/** The same for a process and all it has started, those that ended included: PostgreSQL has a process for each connection. */
export async function treeCpuMs(root: number): Promise<number> {
  const parents = new Map<number, number>();
  const stats = new Map<number, readonly string[]>();
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const stat = await statOf(pid).catch(() => null);
    if (stat === null) continue;
    stats.set(pid, stat);
    parents.set(pid, Number(stat[PARENT]));
  }
  let ticks = 0;
  for (const [pid, stat] of stats) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root) at = parents.get(at);
    if (at === root) ticks += sum(stat, OWN) + sum(stat, WAITED_FOR);
  }
  return ticks * TICK_MS;
}

/** The most memory that a process has ever held, in MB (VmHWM). */
export async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kilobytes) / 1024;
}

async function statOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and brackets.
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function sum(stat: readonly string[], positions: readonly number[]): number {
  return positions.reduce((total, position) => total + Number(stat[position]), 0);
}
