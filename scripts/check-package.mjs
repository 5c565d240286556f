// Checks the packed package: its package.json, its ES modules, and its types under each module resolution.
import { execSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportsOf, legacyFieldsOf } from './package-exports.mjs';
import { findTopLevelAwait } from './top-level-await.mjs';

const folder = mkdtempSync(join(tmpdir(), 'nestjs-heartbeat-'));
/** The package as it is installed in a project. */
const installed = join(folder, 'node_modules', 'nestjs-heartbeat');
const run = (command) => execSync(command, { stdio: 'inherit' });

const CLIENTS = {
  // For browsers as for Node: the types need neither the DOM library nor Node's.
  'no-dom.ts': { lib: ['es2022'], text: "export * from 'nestjs-heartbeat/client/reconnect';" },
  'dom.ts': {
    lib: ['es2022', 'dom'],
    text: `import { withHeartbeat } from 'nestjs-heartbeat/client';
      import { connect } from 'nestjs-heartbeat/client/reconnect';
      const socket: WebSocket = new (withHeartbeat(WebSocket))('wss://example.com');
      socket.addEventListener('message', ({ data }: MessageEvent) => data);
      connect('wss://example.com', { WebSocket }).socket.addEventListener('message', ({ data }) => data);`,
  },
};

function unpack(tarball) {
  mkdirSync(installed, { recursive: true });
  run(`tar -xzf ${tarball} --strip-components=1 -C ${installed}`);
}

/** Every sub-path has the conditions of `package-exports.mjs`, in that order. */
function checkExports() {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const subPaths = Object.keys(manifest.exports).filter((path) => path !== './package.json');
  const expected = { exports: {}, ...legacyFieldsOf(subPaths) };
  for (const subPath of subPaths) expected.exports[subPath] = exportsOf(subPath);
  expected.exports['./package.json'] = './package.json';
  for (const [field, value] of Object.entries(expected)) {
    // As text: in `exports` the order decides.
    const text = JSON.stringify(value, null, 2);
    if (JSON.stringify(manifest[field], null, 2) !== text)
      throw new Error(`package.json: "${field}" must be\n${text}`);
  }
}

/** No ES module has a top-level `await`: `require()` would refuse the whole package. */
function checkTopLevelAwait() {
  const esm = join(installed, 'dist', 'esm');
  const modules = readdirSync(esm, { encoding: 'utf8', recursive: true }).filter((name) =>
    name.endsWith('.js'),
  );
  if (modules.length === 0) throw new Error('dist/esm: there are no ES modules');
  for (const name of modules) {
    const line = findTopLevelAwait(join(esm, name));
    if (line !== undefined) throw new Error(`dist/esm/${name}:${line}: top-level await`);
  }
}

/** Compiles clients against what is packed, its declarations included. */
function checkClientTypes() {
  for (const [name, { lib, text }] of Object.entries(CLIENTS)) {
    const compilerOptions = {
      lib,
      types: [],
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    };
    const config = join(folder, `${name}.json`);
    writeFileSync(join(folder, name), text);
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [name] }));
    run(`tsc -p ${config}`);
  }
}

try {
  run(`npm pack --silent --pack-destination ${folder}`);
  const [tarball] = readdirSync(folder).map((name) => join(folder, name));
  unpack(tarball);
  checkExports();
  checkTopLevelAwait();
  run(`publint --strict ${tarball}`);
  run(`attw ${tarball}`);
  checkClientTypes();
} catch (error) {
  // A tool that ends with a status has printed its reason.
  if (error.status === undefined) console.error(error.message);
  process.exitCode = error.status || 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
