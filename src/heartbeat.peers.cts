import nodeModule = require('node:module');

/**
 * Throws if the optional peer dependency of a sub-path is not installed. A sub-path with a peer calls this when it is
 * loaded, and loads the peer later, by `import()`. A static import would fail first, with an error of Node that does
 * not name the sub-path.
 *
 * CommonJS in both builds, for `__filename`: `import.meta` is a syntax error in CommonJS.
 *
 * @param subPath the entry point without `nestjs-heartbeat/`
 * @param peer the name of the package
 */
function checkPeer(subPath: string, peer: string): void {
  // In a bundle nothing can be resolved, not even this package: the bundler has reported what is missing.
  if (!canResolve('nestjs-heartbeat/package.json') || canResolve(peer)) return;
  throw Object.assign(
    new Error(`nestjs-heartbeat/${subPath} needs ${peer}. Install it: npm install ${peer}`),
    { code: 'HEARTBEAT_PEER_MISSING' },
  );
}

function canResolve(name: string): boolean {
  try {
    nodeModule.createRequire(__filename).resolve(name);
    return true;
  } catch {
    return false;
  }
}

export = checkPeer;
