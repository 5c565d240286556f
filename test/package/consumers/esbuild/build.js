import { build } from 'esbuild';

// Bundled CommonJS, such as Express, calls `require()`, which ES modules lack.
const banner = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

await build({
  entryPoints: ['main.js'],
  outfile: 'bundle/main.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  banner: { js: banner },
  // What Nest loads by itself: `ws`, and optional packages.
  external: [
    'ws',
    '@nestjs/microservices',
    '@nestjs/platform-socket.io',
    'class-transformer',
    'class-validator',
  ],
});
