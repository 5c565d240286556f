import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isPlainObject } from '../heartbeat.options.checks.js';
import moduleFolder from '../module.folder.cjs';

/** The version of this package; empty if it was bundled into another one. */
export function packageVersion(): string {
  for (let folder = moduleFolder; folder !== dirname(folder); folder = dirname(folder)) {
    const { name, version } = readManifest(folder);
    if (name === 'nestjs-heartbeat') return String(version);
  }
  return '';
}

function readManifest(folder: string): Record<string, unknown> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isPlainObject(manifest) ? manifest : {};
  } catch {
    return {};
  }
}
