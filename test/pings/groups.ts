import { connect, type TestClient } from '../support/client.js';

/** Clients that all do the same. */
export interface Group {
  readonly clients: readonly TestClient[];
  disband(): Promise<void>;
}

/** Connects clients that do something at once, and again and again if `every` is said. */
export async function gather(
  url: string,
  count: number,
  act: (client: TestClient) => void = () => {},
  every?: number,
): Promise<Group> {
  const clients = await Promise.all(Array.from({ length: count }, () => connect(url)));
  clients.forEach(act);
  const timer = every === undefined ? undefined : setInterval(() => clients.forEach(act), every);
  return {
    clients,
    disband: async () => {
      clearInterval(timer);
      for (const { socket } of clients) socket.terminate();
      await Promise.all(clients.map(({ closed }) => closed));
    },
  };
}

/** What a client does that sends a message. */
export const say =
  (event: string, data?: unknown) =>
  ({ socket }: TestClient): void =>
    socket.send(JSON.stringify({ event, data }));
