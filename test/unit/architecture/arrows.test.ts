import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs the check of the arrows in a folder; gives its output, and whether it failed. */
async function check(cwd: string): Promise<{ failed: boolean; output: string }> {
  const command = [
    join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.mjs',
    'packages',
    'apps',
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...command, '--exclude', '/dist/|^apps/dashboard/page/'], {
      cwd,
    });
    return { failed: false, output: stdout };
  } catch (error) {
    return { failed: true, output: String((error as { stdout?: unknown }).stdout) };
  }
}

/** What, where, which line, and the rule that forbids it. */
const PLANTED = [
  [
    'a package that imports an app',
    'packages/store/src/planted.ts',
    "import '../../../apps/worker/src/app.js';",
    'arrow-of-store',
  ],
  [
    'a pure package that imports the store',
    'packages/metrics/src/planted.ts',
    "import '../../store/src/client.js';",
    'arrow-of-metrics',
  ],
  ['a pure package that reads files', 'packages/events/src/planted.ts', "import 'node:fs';", 'pure-without-io'],
  [
    'a pure package that imports a type of an I/O library',
    'packages/signatures/src/planted.ts',
    "import type { Redis } from 'ioredis';",
    'pure-without-io-libraries',
  ],
  [
    'an app that imports another app',
    'apps/worker/src/planted.ts',
    "import '../../ingress/src/app.js';",
    'only-standalone-and-cli-wire-apps',
  ],
  ['ingress that imports Prisma', 'apps/ingress/src/planted.ts', "import '@prisma/client';", 'ingress-without-database'],
  ['a cycle', 'packages/config/src/planted.ts', "import './planted.js';", 'no-cycles'],
] as const;

describe('the check of the direction of the arrows', () => {
  let copy: string;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'bbb-activity-arrows-'));
    const filter = (path: string) => !/\/(node_modules|recordings)(\/|$)/.test(path);
    for (const dir of ['packages', 'apps']) await cp(join(ROOT, dir), join(copy, dir), { recursive: true, filter });
    await cp(join(ROOT, '.dependency-cruiser.mjs'), join(copy, '.dependency-cruiser.mjs'));
    await cp(join(ROOT, 'package.json'), join(copy, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  it('finds nothing in the tree as it is', async () => {
    expect(await check(copy)).toMatchObject({ failed: false });
  });

  // All at once: each run reads the whole tree.
  it('fails for every arrow in a wrong direction, and names its rule', async () => {
    await Promise.all(PLANTED.map(([, path, line]) => writeFile(join(copy, path), `${line}\n`)));
    const { failed, output } = await check(copy);
    expect(failed).toBe(true);
    const lines = output.split('\n');
    for (const [what, path, , rule] of PLANTED) {
      const told = lines.some((line) => line.includes(`error ${rule}:`) && line.includes(path));
      expect(told, `${what}: ${output}`).toBe(true);
    }
  });
});
