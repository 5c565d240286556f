import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '1.4.5';
const FOLDER = fileURLToPath(
  new URL('../../../../node_modules/.cache/nestjs-heartbeat-bench/', import.meta.url),
);

/**
 * Returns the path of the binary of Bun. It has 100 MB, so it is not a dependency: its package is fetched on demand,
 * once. Returns `undefined` and logs the reason if the binary is not available.
 */
export async function findBun(mayFetch: boolean): Promise<string | undefined> {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    return without(`it is fetched only for Linux, not for ${process.platform}-${process.arch}`);
  }
  const name = `@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}`;
  const binary = `${FOLDER}node_modules/${name}/bin/bun`;
  if (!existsSync(binary)) {
    if (!mayFetch) return without('the short form fetches nothing');
    console.log(`Fetching ${name}@${VERSION} into node_modules/.cache`);
    mkdirSync(FOLDER, { recursive: true });
    const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', FOLDER];
    try {
      await promisify(execFile)('npm', ['install', ...options, `${name}@${VERSION}`]);
    } catch (error) {
      return without(error instanceof Error ? error.message : String(error));
    }
  }
  try {
    await promisify(execFile)(binary, ['--version']);
    return binary;
  } catch {
    return without(`${name} does not run here: it needs AVX2`);
  }
}

function without(reason: string): undefined {
  console.log(`Without Bun: ${reason}`);
}
