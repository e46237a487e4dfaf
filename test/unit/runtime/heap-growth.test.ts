import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../../packages/runtime/dist/heap-growth.js', import.meta.url).href;

describe('the growth of the heap', () => {
  // About a flag that it does not know V8 only writes a line, and goes on without it.
  it('is limited by a flag that this Node knows', () => {
    const program = `import { limitHeapGrowth } from '${MODULE}'; limitHeapGrowth(); console.log('limited');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'limited\n', stderr: '' });
  });
});
