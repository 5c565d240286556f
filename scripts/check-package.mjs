// Checks what would be published, packed: its package.json, and its types under every way to resolve them.
import { execSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'nestjs-heartbeat-'));
const run = (command) => execSync(command, { stdio: 'inherit' });

try {
  run(`npm pack --silent --pack-destination ${folder}`);
  const [tarball] = readdirSync(folder).map((name) => join(folder, name));
  run(`publint --strict ${tarball}`);
  run(`attw ${tarball}`);
} catch (error) {
  // The tools have said why.
  process.exitCode = error.status || 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
