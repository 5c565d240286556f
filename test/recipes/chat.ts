import { afterEach, expect } from '@jest/globals';
import { WebSocket } from 'undici';
import { startMonitored, type MonitoredApp } from '../support/monitored.js';
import { TcpProxy } from '../support/tcp.proxy.js';
import { ChatGateway } from './recipes/chat.gateway.js';

// The globals that the recipes need. VueUse connects only in pages and workers. Import this before a recipe.
const Worker = { [Symbol.hasInstance]: () => true };
Object.assign(globalThis, { WebSocket, WorkerGlobalScope: Worker });

const paths = new Set<TcpProxy>();

afterEach(async () => {
  await Promise.all([...paths].map((path) => path.close()));
  paths.clear();
});

/** Starts the gateway of the recipes, and a network path to it that can be cut. */
export async function startChat(): Promise<MonitoredApp & { readonly path: TcpProxy }> {
  const monitored = await startMonitored([ChatGateway], { interval: 300, timeout: 900 });
  const path = await TcpProxy.to(`${monitored.url}/chat`);
  paths.add(path);
  return { ...monitored, path };
}

/**
 * Waits for much longer than `timeout`: until two successive clients that answer ping frames and send no
 * messages are evicted. Expects that no other client was closed or has reconnected by then.
 */
export async function outliveSilentClients({ connect, events }: MonitoredApp): Promise<void> {
  const silent = [];
  for (let count = 0; count < 2; count++) {
    const client = await connect('/chat');
    expect(await client.closed).toMatchObject({ code: 4408 });
    silent.push(client.peer);
  }
  expect(events.of('evicted').map(({ client }) => client)).toEqual(silent);
  expect(events.of('connected')).toHaveLength(3);
}
