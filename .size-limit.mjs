// What the client and the page of the dashboard may weigh, bundled, minified and compressed, as they travel. size-limit takes off
// the 32 bytes that gzip makes of an empty bundle.

/** As a page would have it, and with partysocket, which size-limit would leave out as a peer. */
const forPages = (config) => ({ ...config, format: 'esm', external: [] });

/** The files of the page, which are bundled already. */
const asIs = (config) => ({
  ...config,
  loader: { '.html': 'copy', '.css': 'copy', '.js': 'copy' },
});

export default [
  {
    name: 'nestjs-heartbeat/client',
    path: 'dist/esm/client/index.js',
    limit: '2000 B',
    gzip: true,
    modifyEsbuildConfig: forPages,
  },
  {
    name: 'nestjs-heartbeat/client/reconnect, with partysocket',
    path: 'dist/esm/client/reconnect/index.js',
    limit: '5520 B',
    gzip: true,
    modifyEsbuildConfig: forPages,
  },
  {
    name: 'the page of nestjs-heartbeat/dashboard, all files',
    path: 'dist/esm/dashboard/page/**/*',
    limit: '60 kB',
    gzip: true,
    modifyEsbuildConfig: asIs,
  },
];
