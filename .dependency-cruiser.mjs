/**
 * The direction of the arrows (docs/architecture.md, "Folders"): apps → queue, store, simulator, runtime → the pure packages.
 * Run by `npm run lint:arrows`; a test plants wrong arrows and sees that each is found.
 */
const PURE = '^packages/(events|metrics|signatures)/src/';

/** What each package may import of the others; an app may import any package. */
const PACKAGES = {
  events: [],
  metrics: [],
  signatures: [],
  config: [],
  telemetry: [],
  queue: [],
  spool: [],
  runtime: ['config', 'telemetry'],
  store: ['events', 'metrics'],
  simulator: ['signatures'],
  bbb: ['events', 'signatures'],
};

const own = (name) => `^packages/${name}/`;

export default {
  forbidden: [
    ...Object.entries(PACKAGES).map(([name, allowed]) => ({
      name: `arrow-of-${name}`,
      severity: 'error',
      comment: `packages/${name} may import ${allowed.length > 0 ? `only ${allowed.join(', ')} of the` : 'none of the other'} packages, and no app`,
      from: { path: own(name) },
      to: { path: '^(packages|apps)/', pathNot: [own(name), ...allowed.map(own)] },
    })),
    {
      name: 'only-standalone-and-cli-wire-apps',
      severity: 'error',
      comment: 'an app is wired by itself; the standalone runs the three others in one process, and the CLI finds the standalone',
      from: { path: '^apps/(ingress|worker|dashboard)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'bench-is-beside',
      severity: 'error',
      comment: 'what is measured does not know of the bench',
      from: { path: '^(packages|apps)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'pure-without-io',
      severity: 'error',
      comment: 'a pure package does no input or output: of node it may use what only computes',
      from: { path: PURE },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|querystring|buffer)$' },
    },
    {
      name: 'pure-without-io-libraries',
      severity: 'error',
      comment: 'a pure package uses no library but the XML parser',
      from: { path: PURE },
      to: { path: 'node_modules', pathNot: 'node_modules/(fast-xml-parser|@types/node)/' },
    },
    {
      name: 'ingress-without-database',
      severity: 'error',
      comment: 'ingress answers without the database, so that no burst can reach it through a request',
      from: { path: '^apps/ingress/' },
      to: { reachable: true, path: '^packages/store/|node_modules/(@prisma|prisma)/' },
    },
    { name: 'no-cycles', severity: 'error', from: { pathNot: '/generated/' }, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared',
      severity: 'error',
      comment: 'what is imported stands in the package.json of the importer',
      from: { path: '^(packages|apps|bench)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    exclude: { path: '^bench/dist/' },
    // What another package imports is resolved as in production, to its build: run after `npm run build`.
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};
