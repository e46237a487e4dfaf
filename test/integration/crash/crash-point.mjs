import { writeSync } from 'node:fs';

/**
 * The one place at which this process is to die, as its test chose it: `{ point, time, … }` as the first argument.
 *
 * @type {{ point: string, time: number, partition?: string, again?: boolean }}
 */
export const crash = JSON.parse(process.argv[2] ?? '');

let passed = 0;

/**
 * Passes a point. Where it is the chosen one, for the chosen time, the process tells what it was at, and is gone before the next line:
 * nothing is closed, flushed or awaited.
 */
export function pass(point, told) {
  if (point !== crash.point) return;
  passed += 1;
  if (passed !== crash.time) return;
  writeSync(1, `${JSON.stringify({ crash: point, ...told })}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** The same object but for some of its members. Its own methods see it as it is. */
export function withMembers(object, members) {
  return new Proxy(object, {
    get(_, name) {
      if (name in members) return members[name];
      const value = Reflect.get(object, name);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}
