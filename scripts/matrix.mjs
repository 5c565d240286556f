// Runs the project `behaviour` of jest.config.js on the supported versions of Nest and Node, over plain, TLS and
// Unix sockets: 18 combinations. `npm test` covers one of them: Nest 12, Node 20, plain sockets.
// `--pairs` runs eight, which together with `npm test` contain every pair of a Nest, a Node and a kind of socket.
// `--short` runs two: with `npm test`, every Nest, Node and kind of socket. Of the tests, it runs those that depend on
// them most. `--only 11-22-tls` runs one combination.
// `--prepare` only installs what the run needs.
// `--json FILE` writes the numbers of passed and failed tests. A failed test makes the command fail.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeCertificate } from './matrix/certificate.mjs';
import { findProject } from './matrix/nest.mjs';
import { findNode } from './matrix/node.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// Not below node_modules: what lies there is not compiled.
const CACHE = join(ROOT, '.cache', 'matrix');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
/** A run takes about a minute. One that hangs is ended, so that the others run. */
const LIMIT = 10 * 60_000;

const ALL = [11, 12].flatMap((nest) =>
  [20, 22, 24].flatMap((node) =>
    ['plain', 'tls', 'unix'].map((sockets) => ({ nest, node, sockets })),
  ),
);
/** Each Nest with each Node; each of both over each kind of sockets. */
const PAIRS = [
  '11-20-tls',
  '11-22-plain',
  '11-24-tls',
  '12-22-tls',
  '12-24-plain',
  '11-24-unix',
  '12-20-unix',
  '12-22-unix',
];

/** With Nest 12 on Node 20 over plain sockets: each Nest, each Node and each kind of sockets. */
const SHORT = ['11-22-tls', '11-24-unix'];
const SHORT_TESTS = 'test/(closing|deployments|guard|module|presence|versions)/';

const nameOf = ({ nest, node, sockets }) => `${nest}-${node}-${sockets}`;

function run({ nest, node: major, sockets }, results) {
  const since = performance.now();
  const { binary, version } = findNode(major, CACHE);
  const project = findProject(nest, CACHE);
  const { TEST_TLS: _, TEST_UNIX: __, NODE_EXTRA_CA_CERTS: ___, ...env } = process.env;
  if (sockets === 'unix') env.TEST_UNIX = '1';
  const tls = join(CACHE, 'tls');
  if (sockets === 'tls') {
    writeCertificate(tls);
    Object.assign(env, { TEST_TLS: tls, NODE_EXTRA_CA_CERTS: join(tls, 'certificate.pem') });
  }
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  // Six workers, as in `npm test`: most tests wait.
  const jest = [JEST, '--selectProjects', 'behaviour', '--maxWorkers', '6'];
  jest.push('--json', '--outputFile', results);
  if (values.short) jest.push('--testPathPatterns', SHORT_TESTS);
  const { status } = spawnSync(binary, [...node, ...jest], {
    cwd: project,
    env: { ...env, MATRIX_NEST: String(nest), MATRIX_NODE: version },
    stdio: ['ignore', process.stderr, process.stderr],
    timeout: LIMIT,
  });
  const seconds = Math.round((performance.now() - since) / 1_000);
  return { ...count(results, status), seconds, version };
}

/** A skipped test counts as failed, and so does a file that does not load, or a run that exits with an error. */
function count(results, status) {
  try {
    const read = JSON.parse(readFileSync(results, 'utf8'));
    const lost = read.numPendingTests + read.numTodoTests + read.numRuntimeErrorTestSuites;
    const failed = read.numFailedTests + lost;
    const broken = read.numPassedTests === 0 || status !== 0;
    return { passed: read.numPassedTests, failed: failed || Number(broken) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const { values } = parseArgs({
  options: {
    pairs: { type: 'boolean' },
    short: { type: 'boolean' },
    only: { type: 'string' },
    prepare: { type: 'boolean' },
    json: { type: 'string' },
  },
});
const chosen = ALL.filter((combination) => {
  const name = nameOf(combination);
  if (values.only !== undefined) return name === values.only;
  if (values.short) return SHORT.includes(name);
  return !values.pairs || PAIRS.includes(name);
});
if (chosen.length === 0) {
  console.error(`There is no ${values.only}. There are: ${ALL.map(nameOf).join(', ')}`);
  process.exit(1);
}

mkdirSync(CACHE, { recursive: true });
if (values.prepare) {
  for (const { nest, node } of chosen) {
    findNode(node, CACHE);
    findProject(nest, CACHE);
  }
  process.exit();
}
const scratch = mkdtempSync(join(CACHE, 'results-'));
const rows = [];
for (const combination of chosen) {
  const name = nameOf(combination);
  console.log(`--- Nest ${combination.nest}, Node ${combination.node}, ${combination.sockets}`);
  rows.push({ ...combination, ...run(combination, join(scratch, `${name}.json`)) });
}
rmSync(scratch, { recursive: true });

console.log('\nNest  Node      sockets  passed  failed  seconds');
for (const { nest, version, sockets, passed, failed, seconds } of rows) {
  const cells = [String(nest).padEnd(4), version.padEnd(8), sockets.padEnd(7)];
  const numbers = [
    [passed, 6],
    [failed, 6],
    [seconds, 7],
  ];
  console.log([...cells, ...numbers.map(([n, width]) => String(n).padStart(width))].join('  '));
}
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
if (values.json) {
  const result = { passed: sum('passed'), failed: sum('failed'), combinations: rows };
  writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
}
console.log(
  `${rows.length} of ${ALL.length} combinations: ${sum('passed')} passed, ${sum('failed')} failed`,
);
process.exitCode = sum('failed') > 0 ? 1 : 0;
