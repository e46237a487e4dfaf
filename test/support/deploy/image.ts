import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { placeFor } from './confined.js';
import type { Stage, Step } from './dockerfile.js';

const execute = promisify(execFile);

export interface Image {
  /** The folder of this machine that holds what the image has at `workdir`. */
  readonly tree: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly command: readonly string[];
  readonly health: readonly string[];
}

/**
 * Goes through the stages of a Dockerfile as a builder would, each in a folder below `into`, on this machine's Node instead of the base image's. A RUN
 * runs with the stage's folder mounted at its WORKDIR. Gives the last stage.
 *
 * @param context the folder that `COPY .` copies: what .dockerignore leaves of the repository
 */
export async function buildImage(stages: readonly Stage[], context: string, into: string): Promise<Image> {
  const trees = new Map<string, string>();
  let image: Image | undefined;
  for (const { name, steps } of stages) {
    const tree = join(into, name);
    await mkdir(tree);
    trees.set(name, tree);
    image = { tree, workdir: '', environment: {}, user: '0:0', command: [], health: [] };
    for (const step of steps) image = await take(step, image, trees, context);
  }
  if (image === undefined) throw new Error('no stage');
  return image;
}

async function take(step: Step, image: Image, trees: ReadonlyMap<string, string>, context: string): Promise<Image> {
  switch (step.kind) {
    case 'workdir':
      return { ...image, workdir: step.path };
    case 'env':
      return { ...image, environment: { ...image.environment, ...step.values } };
    case 'user':
      return { ...image, user: step.user };
    case 'cmd':
      return { ...image, command: step.words };
    case 'healthcheck':
      return { ...image, health: step.words };
    case 'expose':
      return image;
    case 'copy':
      for (const source of step.sources) await copy(source, step, image, trees, context);
      return image;
    case 'run':
      await run(step.script, image);
      return image;
  }
}

async function copy(
  source: string,
  { from, target }: { readonly from: string | null; readonly target: string },
  image: Image,
  trees: ReadonlyMap<string, string>,
  context: string,
): Promise<void> {
  const tree = from === null ? context : trees.get(from);
  if (tree === undefined) throw new Error(`COPY --from=${from}: no such stage`);
  // A stage's folder is what it has at its WORKDIR, which all stages share.
  const path = source.startsWith(image.workdir) ? source.slice(image.workdir.length) : source;
  const to = target.endsWith('/') && !/^\.?\/?$/.test(path) ? join(target, path.split('/').at(-1) ?? '') : target;
  await cp(join(tree, path), join(image.tree, to), { recursive: true, verbatimSymlinks: true });
}

async function run(script: string, { tree, workdir, environment }: Image): Promise<void> {
  placeFor(workdir);
  const inside = `mount --bind "$TREE" ${workdir} && cd ${workdir} && unset TREE && exec sh -c "$1"`;
  await execute('unshare', ['--mount', 'sh', '-c', inside, 'sh', script], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', ...environment, TREE: tree },
    maxBuffer: 64 * 1024 * 1024,
  });
}
