// Alone: the clients measure when they reconnect, and other work on the machine would delay them.
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { connectAll, received } from './drain.clients.js';

test('200 clients that sent a hello get a drain message, are closed within the window and reconnect spread over it', async () => {
  const within = 3_000;
  const old = await startMonitored([ChatGateway], { drain: { within } });
  const next = await startMonitored([ChatGateway]);
  const clients = await connectAll(old, 200);
  const reconnectedAt: number[] = [];
  const reconnects = clients.map(async (client) => {
    await once(client.socket, 'message');
    const announcedAt = performance.now();
    const { code, at } = await client.closed;
    const socket = new WebSocket(`${next.url}/chat`);
    await once(socket, 'open');
    reconnectedAt.push(performance.now());
    socket.terminate();
    return { code, after: at - announcedAt };
  });
  const started = performance.now();
  await old.close();
  for (const { code, after } of await Promise.all(reconnects)) {
    expect(code).toBe(1012);
    expect(after).toBeLessThan(within + 500);
  }
  for (const client of clients) {
    expect(received(client, 'drain')).toEqual([
      { op: 'drain', after: 0, within, reason: 'restart' },
    ]);
  }
  const slots = new Map<number, number>();
  for (const at of reconnectedAt) {
    const slot = Math.floor((at - started) / 100);
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
  }
  const share = 200 / (within / 100);
  expect(Math.max(...slots.values())).toBeLessThanOrEqual(3 * share);
  expect(slots.size).toBeGreaterThan(20);
});
