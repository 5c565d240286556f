// Which way the imports of src/ may point. Data flows one way: a socket enters by gateway/, is judged
// in monitor/, and the application meets the result in liveness/. `npm run check:arrows` checks it.

/** What each folder may import, besides itself. A folder that is not listed may not be imported. */
const ARROWS = {
  monitor: [],
  protocol: [],
  gateway: ['monitor', 'protocol', 'vocabulary'],
  connections: ['gateway', 'monitor', 'protocol', 'vocabulary'],
  lifecycle: ['connections', 'gateway', 'monitor', 'protocol', 'vocabulary'],
  liveness: ['lifecycle', 'connections', 'gateway', 'monitor', 'protocol', 'vocabulary'],
  client: ['protocol'],
};

/** The root files that only name things: options, tokens, error texts, public interfaces. */
const VOCABULARY =
  '^src/heartbeat\\.(options|options\\.(checks|resolver|times)|constants|errors|interfaces)\\.ts$';

/** Folders that import no package and no Node module either. */
const PURE = ['monitor', 'protocol'];

const pathOf = (target) => (target === 'vocabulary' ? VOCABULARY : `^src/${target}/`);

const arrows = Object.entries(ARROWS).map(([folder, targets]) => ({
  name: `arrows-of-${folder}`,
  comment: `src/${folder}/ may import ${targets.join(', ') || 'nothing'} besides itself.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder, ...targets].map(pathOf) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...arrows,
    {
      name: 'known-folder',
      comment: 'A new folder of src/ needs a line in ARROWS.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(ARROWS).join('|')})/` },
    },
    {
      name: 'vocabulary-imports-only-itself',
      comment:
        'Options, tokens, errors and interfaces are what everyone imports: they import nobody.',
      severity: 'error',
      from: { path: VOCABULARY },
      to: { path: '^src/', pathNot: VOCABULARY },
    },
    {
      name: 'pure',
      comment: 'No Nest, no ws, no Node: time goes in, decisions come out, so it can be simulated.',
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
      name: 'no-cycles',
      comment: 'Two files that import each other are one idea in two places.',
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
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'type-only'],
      },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere cannot be checked.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Imports of types are arrows too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
    },
  },
};
