import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { PLATFORMS, startDashboard } from './dashboard.app.js';

// Node's HTTP server waits for such a connection without a limit: it is not idle before its first request.
test.each(Object.entries(PLATFORMS))(
  'ends beside a connection that a browser opened in advance if connections are forced closed, %s',
  async (_, platform) => {
    const { app } = await startDashboard({ platform });
    const server = app.getHttpServer() as Server;
    const accepted = once(server, 'connection');
    const address = server.address() as AddressInfo | string;
    const unused = connect(
      typeof address === 'string' ? { path: address } : { port: address.port },
    );
    const closed = once(unused, 'close');
    await accepted;

    await app.close();

    await closed;
    expect(server.listening).toBe(false);
  },
);
