import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

/** The close event of a client. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  /** `performance.now()` of the `'close'` event. */
  readonly at: number;
}

/** A real `ws` client, with a record of what it received. */
export interface TestClient {
  readonly socket: WebSocket;
  readonly pings: number[];
  readonly closed: Promise<Closing>;
  /** All received messages, parsed. */
  readonly messages: unknown[];
  /** Sends a message in the format of Nest. */
  readonly send: (event: string, data?: unknown) => void;
  /** Sends a message in the format of Nest. Returns the next message that arrives. */
  readonly request: (event: string, data?: unknown) => Promise<unknown>;
}

/** Connects a client. With `{ autoPong: false }` it does not answer pings. */
export async function connect(url: string, options: ClientOptions = {}): Promise<TestClient> {
  const client = watchClient(new WebSocket(url, options));
  await once(client.socket, 'open');
  return client;
}

/** Records a client without waiting until it is open, for connections that may be refused. */
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
  const request = async (event: string, data?: unknown) => {
    const answer = once(socket, 'message') as Promise<[Buffer]>;
    send(event, data);
    return JSON.parse((await answer)[0].toString()) as unknown;
  };
  return { socket, pings, closed, messages, send, request };
}
