import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const LOGGER = new URL('../../../packages/telemetry/dist/logger.js', import.meta.url).href;

/** What a program writes that logs by `log`, and `fs` to see when. */
function written(program: string): string[] {
  const head = `import { writeSync } from 'node:fs'; import { createLogger } from '${LOGGER}'; const log = createLogger({ app: 'a', level: 'info' });`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', `${head}\n${program}`], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('{') ? (JSON.parse(line) as { msg: string }).msg : line));
}

describe('the lines of a turn of the loop', () => {
  it('are written when it has ended, in their order', () => {
    expect(
      written(
        "log.info('one'); log.warn('two'); writeSync(1, 'still in the turn\\n'); setTimeout(() => writeSync(1, 'later\\n'), 1);",
      ),
    ).toEqual(['still in the turn', 'one', 'two', 'later']);
  });

  it.each([
    ['process.exit(0)', 'by an exit'],
    ["throw new Error('nobody catches this')", 'by an error that nobody catches'],
  ])('are written before the process ends: %s', (end) => {
    expect(written(`log.info('last words'); ${end};`)).toEqual(['last words']);
  });

  it('are written at once with one that is fatal', () => {
    expect(written("log.info('one'); log.fatal('two'); process.kill(process.pid, 'SIGKILL');")).toEqual(['one', 'two']);
  });

  it('are all there, however long they are together', () => {
    const lines = written("for (let n = 0; n < 2_000; n += 1) log.info('x'.repeat(200) + n);");
    expect(lines.map((line) => Number(line.slice(200)))).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
  });
});
