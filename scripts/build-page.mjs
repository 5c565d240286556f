// Bundles the page of the dashboard, src/dashboard-page/, into a folder: index.html, and its script and styles below
// assets/, named by a hash of their content.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = 'src/dashboard-page';

/** The folders of the page in the build, for both module formats. */
export const PAGE_FOLDERS = ['dist/esm/dashboard/page', 'dist/cjs/dashboard/page'];

async function bundle(folder) {
  const { metafile } = await build({
    entryPoints: { page: join(SOURCE, 'page.tsx'), styles: join(SOURCE, 'styles/page.css') },
    entryNames: '[name]-[hash]',
    outdir: join(folder, 'assets'),
    tsconfig: join(SOURCE, 'tsconfig.json'),
    bundle: true,
    minify: true,
    // A classic script: it finds its own URL, from which it derives the URL of the page.
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.outputs).map((path) => basename(path));
}

/** Writes the page into all its folders. */
export async function buildPage([first, ...others] = PAGE_FOLDERS) {
  mkdirSync(first, { recursive: true });
  const assets = await bundle(first);
  const html = readFileSync(join(SOURCE, 'index.html'), 'utf8').replace(
    /assets\/(\w+)(\.\w+)/g,
    (_, name, extension) =>
      `assets/${assets.find((asset) => asset.startsWith(`${name}-`) && asset.endsWith(extension))}`,
  );
  writeFileSync(join(first, 'index.html'), html);
  for (const folder of others) cpSync(first, folder, { recursive: true });
}
