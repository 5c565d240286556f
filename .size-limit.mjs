// What the client may weigh, bundled, minified and compressed, as it travels to pages. size-limit takes off
// the 32 bytes that gzip makes of an empty bundle.

/** As a page would have it, and with partysocket, which size-limit would leave out as a peer. */
const forPages = (config) => ({ ...config, format: 'esm', external: [] });

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
];
