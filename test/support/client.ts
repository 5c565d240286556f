import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

/** How a client came to its end. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  /** `performance.now()` of the `'close'` event. */
  readonly at: number;
}

/** A real `ws` client, and what happened to it. */
export interface TestClient {
  readonly socket: WebSocket;
  readonly pings: number[];
  readonly closed: Promise<Closing>;
  /** Every message that came, parsed. */
  readonly messages: unknown[];
  /** Sends a message in Nest's shape. */
  readonly send: (event: string, data?: unknown) => void;
  /** Sends a message in Nest's shape and waits for the next one that comes. */
  readonly ask: (event: string, data?: unknown) => Promise<unknown>;
}

/** Connects a client. `{ autoPong: false }` makes it a dead one. */
export async function connect(url: string, options: ClientOptions = {}): Promise<TestClient> {
  const client = watchClient(new WebSocket(url, options));
  await once(client.socket, 'open');
  return client;
}

/** Connects a client and does not wait until it is there: for one that may be turned away. */
export function watchClient(socket: WebSocket): TestClient {
  const pings: number[] = [];
  const messages: unknown[] = [];
  socket.on('ping', () => pings.push(performance.now()));
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())));
  socket.on('error', () => {});
  const closed = new Promise<Closing>((resolve) => {
    socket.once('close', (code, reason) =>
      resolve({ code, reason: reason.toString(), at: performance.now() }),
    );
  });
  const send = (event: string, data?: unknown) => socket.send(JSON.stringify({ event, data }));
  const ask = async (event: string, data?: unknown) => {
    const answer = once(socket, 'message') as Promise<[Buffer]>;
    send(event, data);
    return JSON.parse((await answer)[0].toString()) as unknown;
  };
  return { socket, pings, closed, messages, send, ask };
}
