import { createServer } from 'node:net';

/**
 * A port that nothing listens on, for gateways with a port of their own. Below those that the system gives
 * to outgoing connections, so that no client of another test takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  let port: number;
  do port = 10_000 + Math.floor(Math.random() * 20_000);
  while (!(await isFree(port)));
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
