import { readFile } from 'node:fs/promises';
import { VARIABLES } from '@bbb-activity/config/variables';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the README', () => {
  it('lists every variable that the apps read, and no other', async () => {
    const listed = [...(await read('README.md')).matchAll(/^\| `([A-Z_]+)` *\|/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(Object.keys(VARIABLES).toSorted());
  });

  it('names only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const commands = [...(await read('README.md')).matchAll(/npm (?:run )?(?:--silent )?([a-z:]+)/g)].map(
      ([, name = '']) => name,
    );
    const own = commands.filter((name) => !['ci', 'run'].includes(name));
    expect(own).toContain('demo');
    expect(own.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to files that exist', async () => {
    const links = [...(await read('README.md')).matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(3);
    for (const path of links)
      await expect(
        import('node:fs/promises').then(({ stat }) => stat(new URL(`../../../${path}`, import.meta.url))),
        path,
      ).resolves.toBeDefined();
  });
});
