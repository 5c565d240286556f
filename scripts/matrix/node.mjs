// The Nodes of the matrix. npm packages contain their binaries; each is installed once, when it is first needed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSIONS = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' };

/** Where the binary of a Node is, and which version it has. `wanted` is a major version or a full one, as `20.19.0`. */
export function findNode(wanted, cache) {
  if (process.version.startsWith(`v${wanted}.`))
    return { binary: process.execPath, version: process.version };
  const version = VERSIONS[wanted] ?? wanted;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(cache, `node-${version}`);
  const binary = join(
    folder,
    'node_modules',
    name,
    'bin',
    platform === 'win' ? 'node.exe' : 'node',
  );
  if (!existsSync(binary)) {
    console.log(`Fetching Node ${version} (${name}) …`);
    install(`${name}@${version}`, folder, cache);
  }
  return { binary, version: `v${version}` };
}

/** Test files run side by side, so two may install the same version: the first to finish provides the folder. */
function install(specifier, folder, cache) {
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(join(cache, 'node-'));
  writeFileSync(join(temporary, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', specifier];
  execFileSync('npm', args, { cwd: temporary, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
