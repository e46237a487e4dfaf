import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../servers/children.js';
import { costGraph } from './cost-graph.js';
import { replaceSections, sectionsOf } from './markdown.js';
import { readReport } from './report-lines.js';
import { mediansOf } from './rounds.js';

const DOCUMENT = join(ROOT, 'docs/performance.md');
const GRAPH = join(ROOT, 'docs/images/cost.svg');

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write(
    'npm run bench:report -- FILE\n  Writes the figures of FILE (npm run bench -- --json FILE) into docs/performance.md.\n',
  );
  process.exitCode = 1;
} else {
  const report = await readReport(path);
  const document = await readFile(DOCUMENT, 'utf8');
  await writeFile(DOCUMENT, replaceSections(document, sectionsOf(report)));
  await mkdir(join(GRAPH, '..'), { recursive: true });
  await writeFile(GRAPH, costGraph(mediansOf(report.results)));
}
