// The Nodes of the matrix. npm packages hold their binaries; each is fetched once, when it is first needed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const args = ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`];
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return { binary, version: `v${version}` };
}
