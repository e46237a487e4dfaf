import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CITATION = /docs\/([a-z-]+\.md), "([^"]+)"/g;

async function sources(): Promise<{ path: string; text: string }[]> {
  const entries = await Promise.all(
    ['packages', 'apps', 'test', 'bench', 'scripts', 'prisma'].map((dir) =>
      readdir(join(ROOT, dir), { recursive: true }).catch(() => []),
    ),
  );
  const paths = ['packages', 'apps', 'test', 'bench', 'scripts', 'prisma'].flatMap((dir, index) =>
    (entries[index] ?? []).map((path) => join(dir, path)),
  );
  const kept = paths.filter((path) => /\.(ts|mjs|prisma)$/.test(path) && !/(^|\/)(node_modules|dist|generated)\//.test(path));
  return Promise.all(kept.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

describe('comments that cite a section of the documents', () => {
  it('name a section that is there', async () => {
    const documents = await readdir(join(ROOT, 'docs'));
    const headings = new Map<string, string>();
    for (const name of documents.filter((file) => file.endsWith('.md')))
      headings.set(name, await readFile(join(ROOT, 'docs', name), 'utf8'));

    const found: string[] = [];
    const wrong: string[] = [];
    for (const { path, text } of await sources()) {
      // A citation may run over the end of a comment's line.
      for (const [, file = '', section = ''] of text.replace(/\n\s*(\*|\/\/)\s*/g, ' ').matchAll(CITATION)) {
        found.push(section);
        const lines = headings.get(file)?.split('\n') ?? [];
        const stands =
          lines.some((line) => line.startsWith('#') && line.includes(section)) ||
          lines.some((line) => line.includes(`**${section}`));
        if (!stands) wrong.push(`${path}: ${file}, "${section}"`);
      }
    }
    expect(found.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });
});
