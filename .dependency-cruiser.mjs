// Which way the imports of src/ may point: module → liveness → lifecycle → connections → discovery → transport →
// detector, protocol. `npm run check:dependencies` checks it.

/** What every folder of the server may import: options, tokens, errors and public interfaces. */
const SHARED = 'shared';

/** What each folder may import, besides itself. A folder that is not listed may not be imported. */
const DEPENDENCIES = {
  detector: [],
  protocol: [],
  transport: ['detector', 'protocol', SHARED],
  discovery: ['transport', 'detector', 'protocol', SHARED],
  connections: ['discovery', 'transport', 'detector', 'protocol', SHARED],
  lifecycle: ['connections', 'discovery', 'transport', 'detector', 'protocol', SHARED],
  liveness: ['lifecycle', 'connections', 'discovery', 'transport', 'detector', 'protocol', SHARED],
  client: ['protocol'],
  terminus: ['liveness', SHARED],
  metrics: ['connections', SHARED],
  opentelemetry: ['metrics', 'liveness', 'connections', SHARED],
  prometheus: ['metrics', 'liveness', 'connections', SHARED],
  dashboard: ['liveness', 'lifecycle', 'connections', SHARED],
  presence: ['liveness', 'connections', SHARED],
  testing: ['presence', 'liveness', 'lifecycle', 'connections', 'transport', SHARED],
  'dashboard-page': ['dashboard', SHARED],
};

/** The root files with options, tokens, errors and public interfaces. */
const SHARED_FILES =
  '^src/heartbeat\\.(clock|options|options\\.(checks|limits|messages|resolver|times)|constants|errors|interfaces|(history|presence|snapshot)\\.interfaces|logger|peers|text)\\.ts$|^src/module\\.folder\\.cjs$';

/** Folders that import no package and no Node module either. */
const PURE = ['detector', 'protocol'];

const pathOf = (target) => (target === SHARED ? SHARED_FILES : `^src/${target}/`);

const folderRules = Object.entries(DEPENDENCIES).map(([folder, targets]) => ({
  name: `dependencies-of-${folder}`,
  comment: `src/${folder}/ may import ${targets.join(', ') || 'nothing'} besides itself.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder, ...targets].map(pathOf) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderRules,
    {
      name: 'known-folder',
      comment: 'A new folder of src/ needs a line in DEPENDENCIES.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(DEPENDENCIES).join('|')})/` },
    },
    {
      name: 'shared-files-import-only-shared-files',
      comment:
        'Options, tokens, errors and interfaces are imported by every folder, so they import only each other.',
      severity: 'error',
      from: { path: SHARED_FILES },
      to: { path: '^src/', pathNot: SHARED_FILES },
    },
    {
      name: 'pure',
      comment: 'No Nest, no ws, no Node: I/O-free code can be tested with simulated time.',
      severity: 'error',
      from: { path: `^src/(${PURE.join('|')})/` },
      to: { pathNot: '^src/' },
    },
    {
      name: 'client-runs-in-browsers',
      comment: 'src/client/ is loaded by browsers: no Nest, no ws, no Node.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { pathNot: ['^src/', '^node_modules/partysocket/'] },
    },
    {
      name: 'client-needs-no-package',
      comment: 'partysocket is for those who reconnect; withHeartbeat() depends on nothing.',
      severity: 'error',
      from: { path: '^src/client/', pathNot: '^src/client/reconnect/' },
      to: { path: '^(node_modules|src/client/reconnect)/' },
    },
    {
      name: 'optional-peers',
      comment: '@nestjs/schedule may be absent, so neither its code nor its types are imported.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '@nestjs/schedule' },
    },
    {
      name: 'applications-load-no-test-kit',
      comment:
        'src/testing/ is an entry point of its own: what applications load must not contain it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'page-runs-in-browsers',
      comment: 'The page is bundled for browsers: of the library it takes types, and the figures.',
      severity: 'error',
      from: { path: '^src/dashboard-page/' },
      to: {
        pathNot: [
          '^src/dashboard-page/',
          '^src/dashboard/figures',
          '^node_modules/(preact|uplot)/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that import each other cannot be read or tested alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-stands-alone',
      comment: 'The library does not know its tests, its demo or its benches.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|example|bench|scripts|build|dist)/' },
    },
    {
      name: 'peers-only',
      comment:
        'What the library loads at run time has to be a (peer) dependency of its users; `ws` comes as types.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/dashboard-page/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'type-only'],
      },
    },
    {
      name: 'resolvable',
      comment: 'An unresolved import cannot be checked.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Imports of types count as dependencies.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
    },
  },
};
