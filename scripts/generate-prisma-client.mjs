// Makes the Prisma client from prisma/schema.prisma, without network. Does nothing where it is newer than what it is made from.
import { spawnSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const generated = join(root, 'packages/store/src/generated');
const prismaPackage = createRequire(import.meta.url).resolve('prisma/package.json');

const made = changedAt(join(generated, 'client.ts'));
const sources = [join(root, 'prisma/schema.prisma'), prismaPackage].map(changedAt);
if (made === undefined || sources.some((source) => source === undefined || source > made)) {
  rmSync(generated, { recursive: true, force: true });
  const result = spawnSync(process.execPath, [join(dirname(prismaPackage), 'build/index.js'), 'generate', '--no-hints'], {
    cwd: root,
    encoding: 'utf8',
    // Generating needs no schema engine, but Prisma downloads one unless it is told of an executable: this one never runs.
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}`);
    process.exit(result.status ?? 1);
  }
}

function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
