// Fails when the client weighs more than it may: bundled, minified and compressed, as it travels to pages.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Bytes. More than half of what reconnects is partysocket. */
const BUDGETS = {
  'src/client/index.ts': 2_048,
  'src/client/reconnect/index.ts': 5_632,
};

for (const [entry, budget] of Object.entries(BUDGETS)) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'warning',
  });
  const [{ contents }] = outputFiles;
  const size = gzipSync(contents, { level: 9 }).length;
  const verdict = size <= budget ? 'fits' : 'is too big';
  console.log(`${entry}: ${size} of ${budget} bytes gzip, ${verdict}`);
  if (size > budget) process.exitCode = 1;
}
