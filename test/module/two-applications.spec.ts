import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat } from 'nestjs-heartbeat';
import { startMonitored } from '../support/monitored.js';

@Heartbeat()
@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  readonly evicted: unknown[] = [];
  handleEvict(client: unknown): void {
    this.evicted.push(client);
  }
}

test('a gateway class serves two applications one after the other', async () => {
  for (let run = 1; run <= 2; run++) {
    const { app, close, connect, events, liveness } = await startMonitored([ChatGateway]);
    const dead = await connect('/chat', { autoPong: false });
    expect(liveness.size).toBe(1);
    await dead.closed;
    expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
    expect(app.get(ChatGateway).evicted).toEqual([dead.peer]);
    await close();
  }
});

test('a gateway class serves two applications at the same time, each with its own clients', async () => {
  const first = await startMonitored([ChatGateway], { interval: 100, timeout: 300 });
  const second = await startMonitored([ChatGateway], { interval: 100, timeout: 600 });
  const firstClient = await first.connect('/chat', { autoPong: false });
  const secondClient = await second.connect('/chat');
  expect(first.liveness.get(firstClient.peer)).toBeDefined();
  expect(first.liveness.get(secondClient.peer)).toBeUndefined();
  expect(second.liveness.get(secondClient.peer)).toBeDefined();
  expect(second.liveness.size).toBe(1);

  await firstClient.closed;
  expect(first.app.get(ChatGateway).evicted).toEqual([firstClient.peer]);
  expect(second.app.get(ChatGateway).evicted).toEqual([]);

  await first.close();
  expect(second.liveness.isAlive(secondClient.peer)).toBe(true);
  await expect(second.liveness.probe(secondClient.peer)).resolves.toBeGreaterThan(0);
});
