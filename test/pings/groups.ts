import { connect, type TestClient } from '../support/client.js';

/** Clients with the same behaviour. */
export interface Group {
  readonly clients: readonly TestClient[];
  disband(): Promise<void>;
}

/** Connects clients that act once, and then every `every` ms if that is given. */
export async function connectGroup(
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

/** Makes an action that sends a message. */
export const sendMessage =
  (event: string, data?: unknown) =>
  ({ socket }: TestClient): void =>
    socket.send(JSON.stringify({ event, data }));
