import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';

/** Script of the test pages: the client, a log, and functions for the tests. */
const SCRIPT = `
  import { withHeartbeat } from './src/client/index.ts';
  import { connect } from './src/client/reconnect/index.ts';

  /** All events, with their time. */
  const log = [];
  const listeners = new Set();
  const note = (name, detail = {}) => {
    const entry = { name, at: Date.now(), ...detail };
    log.push(entry);
    for (const listener of [...listeners]) listener(entry);
  };

  // A capturing listener that is added before those of the client is called first.
  for (const type of ['freeze', 'pagehide']) {
    addEventListener(type, () => note('page hidden'), { capture: true });
  }

  Object.assign(globalThis, {
    log,
    note,
    /** The first entry with this name at or after the time. Waits for it if there is none. */
    next: (name, since = 0) => new Promise((resolve) => {
      const found = log.find((entry) => entry.name === name && entry.at >= since);
      if (found) return resolve(found);
      const listener = (entry) => {
        if (entry.name !== name) return;
        listeners.delete(listener);
        resolve(entry);
      };
      listeners.add(listener);
    }),
    /** Waits for a number of entries with this name. No entry is added between the count and the wait. */
    times: async (name, count) => {
      while (log.filter((entry) => entry.name === name).length < count) await next(name, Infinity);
    },
    /** Opens a connection and records its events. */
    start(url, options) {
      const connection = connect(url, options);
      for (const name of ['up', 'down', 'retry', 'ended', 'drain', 'beat']) {
        connection.on(name, ({ code, delay }) => note(name, { code, delay }));
      }
      connection.socket.addEventListener('message', ({ data }) => note('message', { data }));
      return (globalThis.connection = connection);
    },
    /** Opens a socket and records its events. */
    open(url, options) {
      const socket = new (withHeartbeat(WebSocket, options))(url);
      for (const name of ['open', 'message', 'error', 'close', 'heartbeat:beat', 'heartbeat:dead']) {
        socket.addEventListener(name, ({ data, code }) => note(name, { data, code }));
      }
      return (globalThis.socket = socket);
    },
    block(duration) {
      const end = performance.now() + duration;
      while (performance.now() < end);
    },
  });
  document.title = 'ready';
`;

/** Serves pages with the client. Every path is a page, so a test can navigate between two. */
export class PageServer {
  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(): Promise<PageServer> {
    const { outputFiles } = await build({
      stdin: { contents: SCRIPT, resolveDir: process.cwd() },
      bundle: true,
      format: 'esm',
      write: false,
    });
    const script = outputFiles[0]?.text;
    const server = createServer((request, response) => {
      const isScript = request.url === '/client.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<script type="module" src="/client.js"></script>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new PageServer(server, `http://127.0.0.1:${port}/`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
