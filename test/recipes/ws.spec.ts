import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { TcpProxy } from '../support/tcp.proxy.js';
import { openChat } from './recipes/ws.js';

/** Much longer than the `interval` of the server, and than a busy machine delays a ping. */
const PATIENCE = 1_500;

async function start() {
  const server = await startMonitored([ChatGateway], { ...QUICK, timeout: 5_000 });
  const path = await TcpProxy.to(`${server.url}/chat`);
  return { ...server, path };
}

test('a client of ws stays connected while the server pings', async () => {
  const { events, path } = await start();
  const client = openChat(path.url, PATIENCE);
  await once(client, 'open');
  const started = performance.now();
  while (performance.now() - started < 2 * PATIENCE) await once(client, 'ping');
  expect(client.readyState).toBe(client.OPEN);
  expect(events.of('connected')).toHaveLength(1);
  client.terminate();
  await path.close();
});

test('a client of ws notices that its server is dead', async () => {
  const { path } = await start();
  const client = openChat(path.url, PATIENCE);
  await once(client, 'ping');
  path.cut();
  const started = performance.now();
  const [code] = await once(client, 'close');
  expect(code).toBe(1006);
  expect(performance.now() - started).toBeGreaterThanOrEqual(PATIENCE - 200);
  await path.close();
});
