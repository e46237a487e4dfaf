import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TEST_FILE = /`((?:unit|integration|e2e|fuzz|faults|deploy)\/[\w/.*-]+)`/g;

describe('the threat model', () => {
  it('names a test for each threat, and only tests that are there', async () => {
    const text = await readFile(`${ROOT}docs/security.md`, 'utf8');
    const there = await readdir(`${ROOT}test`, { recursive: true });
    const isThere = (path: string) =>
      path.endsWith('/*') ? there.some((one) => one.startsWith(path.slice(0, -1))) : there.includes(path);
    const named = [...text.matchAll(TEST_FILE)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((path) => !isThere(path))).toEqual([]);
    const threats = text
      .slice(text.indexOf('## Threats'), text.indexOf('## Limits'))
      .split('\n')
      .filter((line) => /^\| (?!threat \||---)/.test(line));
    expect(threats.length).toBeGreaterThan(30);
    // One that has the same tests as the line above it says so.
    expect(
      threats.filter((line) => !/`[^`]+`|the same[^|]*\|$/.test(line.slice(line.lastIndexOf('|', line.length - 2)))),
    ).toEqual([]);
  });
});
