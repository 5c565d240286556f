import { once } from 'node:events';
import { openClient, type TestClient as KitClient } from 'nestjs-heartbeat/testing';
import type { ClientOptions } from 'ws';

/** A client of the kit that also has a record of pings, and the time of its close. */
export interface TestClient extends Pick<KitClient, 'socket' | 'messages'> {
  readonly pings: number[];
  readonly closed: Promise<Closing>;
  /** Sends a message in the format of Nest. */
  readonly send: (event: string, data?: unknown) => void;
  /** Sends a message in the format of Nest. Returns the next message that arrives. */
  readonly request: (event: string, data?: unknown) => Promise<unknown>;
}

/** How a client was closed. `at`: `performance.now()` of the `'close'` event. */
export type Closing = Awaited<KitClient['closed']> & { readonly at: number };

/** Connects a client. With `{ autoPong: false }` it does not answer pings. */
export async function connect(
  url: string,
  { autoPong = true, ...socketOptions }: ClientOptions = {},
): Promise<TestClient> {
  const client = await openClient(url, { answersPings: autoPong, socketOptions });
  const { socket, messages } = client;
  const pings: number[] = [];
  socket.on('ping', () => pings.push(performance.now()));
  const closed = client.closed.then((close) => ({ ...close, at: performance.now() }));
  const send = (event: string, data?: unknown) => client.send(event, data);
  const request = async (event: string, data?: unknown) => {
    const answer = once(socket, 'message');
    send(event, data);
    await answer;
    return messages.at(-1);
  };
  return { socket, messages, pings, closed, send, request };
}
