import type { TestClient } from '../support/client.js';
import type { MonitoredApp } from '../support/monitored.js';

export const HELLO = { op: 'hello', v: 1 };

/** The data of the heartbeat messages of one kind that a client received. */
export function received({ messages }: TestClient, op: string): Record<string, unknown>[] {
  return (messages as { data: Record<string, unknown> }[])
    .map(({ data }) => data)
    .filter((data) => data.op === op);
}

export async function connectAll(monitored: MonitoredApp, count: number, sendsHello = true) {
  const clients = [];
  for (let index = 0; index < count; index++) {
    const client = await monitored.connect('/chat');
    if (sendsHello) await client.request('heartbeat', HELLO);
    clients.push(client);
  }
  return clients;
}
