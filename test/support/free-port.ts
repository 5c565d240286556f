import { createServer } from 'node:net';

/**
 * A free port for a gateway with its own port. It is below the range of ports for outgoing connections, so that no
 * client of another test can take it meanwhile.
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
