import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import type { INestApplication } from '@nestjs/common';

/** Makes the applications of the tests listen on Unix sockets. `npm run test:matrix` sets it. */
export const onUnix = process.env['TEST_UNIX'] === '1';

/**
 * Lets an application listen: on a free port of a host, or on a Unix socket if the run is about them. An application
 * with TLS always gets a port: `ws` has no URL for TLS on a Unix socket.
 */
export async function listenAnywhere(app: INestApplication, host = '127.0.0.1'): Promise<void> {
  if (!onUnix || app.getHttpServer() instanceof TlsServer) await app.listen(0, host);
  // The Fastify adapter of Nest 11 reads a string as a port.
  else await app.listen({ path: socketOf(app) } as unknown as string);
}

/** The path of a socket in a directory of its own, which is removed when the server closes. */
function socketOf(app: INestApplication): string {
  const folder = mkdtempSync(join(tmpdir(), 'hb-'));
  const server = app.getHttpServer() as Server;
  server.once('close', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 's');
}
